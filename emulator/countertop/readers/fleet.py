"""The devices of a bench: their end of the gateway, and their life as a whole."""

from __future__ import annotations

from countertop.cards.catalog import find_card
from countertop.cards.presentation import Presentation, usual_interface
from countertop.gateway import DeviceInfo, ToDevice, Unregistered
from countertop.readers import customer, faults, form, machine, power, waiting
from countertop.readers.attached import BenchDevices
from countertop.readers.identity import new_device
from countertop.readers.keeper import heartbeat_ms
from countertop.readers.models import shelf
from countertop.readers.ports import Context
from countertop.readers.pos import PosOwned
from countertop.readers.state import DeviceState

OFFLINE = "terminal_reader_offline"
BUSY = "terminal_reader_busy"
# Somebody has opened its settings, or it is busy with itself.
BUSY_PHASES = frozenset({"pairing", "updating"})


class ReaderFleet(BenchDevices, PosOwned):
    """Every virtual reader of a bench; the devices' end of the gateway (``DevicePort``)."""

    # --- the devices' end of the wire ---------------------------------------------------------------------

    def deliver(self, context: Context, serial: str, message: ToDevice) -> None:
        """Take a message for one device; a device that is gone hears nothing."""
        state = self.find(context, serial)
        if state is None:
            return
        if state.simulated and isinstance(message, Unregistered):
            # A simulator exists only as long as its reader object does.
            self.drop(context, serial)
            return
        with self.turn(context, serial) as turn:
            machine.receive(turn, message)

    def make_simulated(self, context: Context, code: str, country: str) -> DeviceInfo | None:
        """A new simulated device for a simulator code; it is up at once.  None when the code names none."""
        sku = shelf().simulator(code, country)
        if sku is None:
            return None
        state = new_device(context, sku, country, self._ids, self._clock.now(), simulated=True)
        self._add(context, state)
        return _info(state)

    def describe(self, context: Context, serial: str) -> DeviceInfo | None:
        """What the device says of itself; None when there is no such device."""
        state = self.find(context, serial)
        return None if state is None else _info(state)

    def refusal(self, context: Context, serial: str) -> str | None:
        """The API code with which the device refuses an action now, or None."""
        state = self.find(context, serial)
        if state is None or not state.connected:
            return OFFLINE
        fault = faults.refusal_of(state.faults)
        if fault is not None:
            return fault
        left_in = state.card_in_slot and (state.phase == "result" or state.sale is None)
        return BUSY if left_in or state.processing or state.phase in BUSY_PHASES else None

    def processing(self, context: Context, serial: str) -> bool:
        """Whether a card is being processed on the device."""
        state = self.find(context, serial)
        return state is not None and state.connected and state.processing

    def connected(self, context: Context, serial: str) -> bool:
        """Whether the device hears what it is sent."""
        state = self.find(context, serial)
        return state is not None and state.connected

    def shows_code(self, context: Context, serial: str, code: str) -> bool:
        """Whether this registration code is on the device's screen now."""
        state = self.find(context, serial)
        return state is not None and state.code == code

    def lost_receipt(self, context: Context, serial: str) -> bool:
        """Whether the device took the last message, but its word that it did was lost."""
        state = self.find(context, serial)
        return state is not None and state.connected and "timeout_received" in state.faults

    def complete_inputs(self, context: Context, serial: str, *, skip_optional: bool) -> None:
        """Fill every form that is left, or skip those that may be.  Raises ReaderError when none is shown."""
        with self.turn(context, serial) as turn:
            form.complete(turn, skip_optional=skip_optional)

    def time_out_inputs(self, context: Context, serial: str) -> None:
        """Let the time of the form that is shown run out.  Raises ReaderError when none is shown."""
        with self.turn(context, serial) as turn:
            form.time_out(turn)

    def present_number(
        self,
        context: Context,
        serial: str,
        number: str,
        *,
        tip: int | None = None,
        keyed: tuple[int, int] | None = None,
    ) -> None:
        """Present the test card with this number as its holder usually does; the action ends at once.

        ``tip``: what is given on the tip screen, None refuses one; without a tip screen it is passed on as given.
        ``keyed``: expiry month and year of a number that is typed in.

        Raises UnknownCard for a number of no test card, ReaderError when the device asks for no card.
        """
        card = find_card(number)
        if tip is not None:
            waiting.check_tip(tip)
        with self.turn(context, serial) as turn:
            if turn.state.phase == "tipping":
                waiting.choose_tip(turn, tip or 0)
            elif turn.state.phase == "waiting" and tip is not None:
                turn.change_sale(tip=tip)
            if keyed is None:
                self._present(context, turn, Presentation(usual_interface(card), card), at_once=True)
            else:
                customer.key_in(turn, self._keyed(context, turn, card, keyed))

    # --- life ---------------------------------------------------------------------------------------------

    def unbox(self, tx: Context, model: str, country: str, *, at_once: bool = False) -> str:
        """A new device out of its box: it boots, then shows a registration code.  Returns its serial.

        ``at_once`` skips the boot time.  Raises ConfigurationError for a model or country that is not known.
        """
        sku = shelf().variant(model, country.upper())
        state = new_device(tx, sku, country.upper(), self._ids, self._clock.now(), simulated=False)
        self._add(tx, state)
        with self.turn(tx, state.serial) as turn:
            power.boot(turn)
            if at_once:
                machine.tick(turn)
        return state.serial

    def requeue(self, tx: Context) -> None:
        """After a commit failed and rows went back: set the timers that the rows speak of again."""
        self._chores.clear()
        for state in self._rows(tx):
            self._set_phase_timer(state)
            self._set_chore_timer(state)

    def boot_all(self, tx: Context) -> None:
        """After a start or a restore every device boots as after a power cut; simulated ones at once."""
        self._presence.clear()
        self._forget_cards()
        self._chores.clear()
        for before in self._rows(tx):
            if before.connected:
                self._presence.start(before.serial, self._clock.now_ms(), heartbeat_ms(before))
            else:
                self._presence.stop(before.serial, before.last_seen_ms)
            self._set_chore_timer(before)
            if before.phase == "off" or (before.simulated and before.phase == "idle" and before.pos is None):
                # Booting would change nothing; thousands of them are to be up at once.
                continue
            with self.turn(tx, before.serial) as turn:
                power.boot(turn)
                if turn.state.simulated:
                    machine.tick(turn)
            # The row may have been due at this very instant already, and its timer is gone.
            self._set_phase_timer(turn.state)


def _info(state: DeviceState) -> DeviceInfo:
    model = shelf().sku(state.sku).model
    simulator = model.simulated if state.simulated else None
    return DeviceInfo(
        serial=state.serial,
        device_type=model.device_type if simulator is None else simulator.device_type,
        software=state.software or model.app_version,
        ip_address=state.ip_address,
        simulated=state.simulated,
        features=tuple(model.features),
        unsupported_networks=tuple(model.input.unsupported_networks),
        mobile=model.kind == "mobile",
    )
