"""The devices of a bench: their end of the gateway, and the hands of the people in front of them.

Every call loads one device's state, lets something happen to it (a :class:`~countertop.readers.turn.Turn`),
keeps the new state in the caller's transaction, and only then sends what the device has to say.  Screen,
timer and presence follow from the state; nothing else about a device is kept, but for the PIN of the card
that it holds at the moment.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import orjson

from countertop.cards.card import SimulatedCard
from countertop.cards.catalog import find_card
from countertop.cards.link import CardLink
from countertop.cards.presentation import Presentation, usual_interface
from countertop.clock import Clock
from countertop.errors import ReaderError
from countertop.feed import Feed
from countertop.gateway import DeviceInfo, Gateway, ToDevice, Unregistered
from countertop.ids import IdSource
from countertop.readers import customer, faults, machine, power
from countertop.readers.identity import new_device, registration_code
from countertop.readers.models import shelf
from countertop.readers.ports import Context, Timers, Transact, Vault
from countertop.readers.presence import Presence
from countertop.readers.screen import Screen, draw
from countertop.readers.state import KIND, DeviceState, SeenCard, from_row, to_row
from countertop.readers.turn import Turn

OFFLINE = "terminal_reader_offline"
BUSY = "terminal_reader_busy"


class ReaderFleet:
    """Every virtual reader of a bench; the devices' end of the gateway (``DevicePort``)."""

    def __init__(
        self,
        *,
        clock: Clock,
        timers: Timers,
        ids: IdSource,
        vault: Vault,
        gateway: Gateway,
        feed: Feed,
        transact: Transact,
    ) -> None:
        self._clock = clock
        self._timers = timers
        self._ids = ids
        self._vault = vault
        self._gateway = gateway
        self._feed = feed
        self._transact = transact
        self._presence = Presence()
        self._pins: dict[str, str] = {}

    # --- the devices' end of the wire ---------------------------------------------------------------------

    def deliver(self, context: Context, serial: str, message: ToDevice) -> None:
        """Take a message for one device; a device that is gone hears nothing."""
        state = self._find(context, serial)
        if state is None:
            return
        if state.simulated and isinstance(message, Unregistered):
            # A simulator exists only as long as its reader object does.
            self.drop(context, serial)
            return
        with self._turn(context, serial) as turn:
            machine.receive(turn, message)

    def make_simulated(self, context: Context, code: str, country: str) -> DeviceInfo | None:
        """A new simulated device for a simulator code; it is up at once.  None when the code names none."""
        sku = shelf().simulator(code, country)
        if sku is None:
            return None
        state = new_device(context, sku, country, self._ids, self._clock.now(), simulated=True)
        self._add(context, state)
        return self._info(state)

    def describe(self, context: Context, serial: str) -> DeviceInfo | None:
        """What the device says of itself; None when there is no such device."""
        state = self._find(context, serial)
        return None if state is None else self._info(state)

    def last_seen_ms(self, serial: str) -> int | None:
        """The device's last sign of life (Unix milliseconds); None when it never gave one."""
        return self._presence.last_seen_ms(serial, self._clock.now_ms())

    def refusal(self, context: Context, serial: str) -> str | None:
        """The API code with which the device refuses an action now, or None."""
        state = self._find(context, serial)
        if state is None or not state.connected:
            return OFFLINE
        fault = faults.refusal_of(state.faults)
        if fault is not None:
            return fault
        left_in = state.card_in_slot and (state.phase == "result" or state.sale is None)
        return BUSY if left_in or state.phase in ("reading", "authorizing", "pairing") else None

    def lost_receipt(self, context: Context, serial: str) -> bool:
        """Whether the device took the last message, but its word that it did was lost."""
        return False

    def complete_inputs(self, context: Context, serial: str, *, skip_optional: bool) -> None:
        """Fill every form that is shown, or skip those that may be."""
        raise NotImplementedError

    def time_out_inputs(self, context: Context, serial: str) -> None:
        """Let the time of the form that is shown run out."""
        raise NotImplementedError

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

        Raises UnknownCard for any other number, ReaderError when the device asks for no card.
        """
        card = find_card(number)
        self.present(context, serial, Presentation(usual_interface(card), card), at_once=True)

    # --- the people in front of them ----------------------------------------------------------------------

    def unbox(self, tx: Context, model: str, country: str, *, at_once: bool = False) -> str:
        """A new device out of its box: it boots, then shows a registration code.  Returns its serial.

        ``at_once`` skips the boot time.  Raises ConfigurationError for a model or country that is not known.
        """
        sku = shelf().variant(model, country.upper())
        state = new_device(tx, sku, country.upper(), self._ids, self._clock.now(), simulated=False)
        self._add(tx, state)
        with self._turn(tx, state.serial) as turn:
            power.boot(turn)
            if at_once:
                machine.tick(turn)
        return state.serial

    def present(self, tx: Context, serial: str, presentation: Presentation, *, at_once: bool = False) -> None:
        """Present a card.

        ``at_once``: no phase takes time, the right PIN is typed, the card is taken away after.

        Raises ReaderError when the device asks for no card, or not like this.
        """
        card = presentation.card
        with self._turn(tx, serial) as turn:
            method = customer.may_present(turn, presentation.interface)
            if not isinstance(card, SimulatedCard):
                _try_chip(turn, card)
                return
            month, year = card.expiry(time.gmtime(turn.now_ms // 1000).tm_year)
            self._pins[serial] = card.pin
            seen = SeenCard(
                token=self._vault.tokenize(tx, card.number),
                brand=card.brand,
                last4=card.last4,
                read_method=method,
                exp_month=month,
                exp_year=year,
                cardholder_name=card.cardholder_name,
                pin=card.cvm,
            )
            customer.present(turn, presentation.interface, seen, at_once=at_once)

    def enter_pin(self, tx: Context, serial: str, pin: str) -> None:
        """Type a whole PIN.  Raises ReaderError when none is asked for or it is not 4 to 12 digits."""
        customer.check_pin(pin)
        with self._turn(tx, serial) as turn:
            customer.enter_pin(turn, len(pin), right=self._pins.get(serial) == pin)

    def remove_card(self, tx: Context, serial: str) -> None:
        """Pull the card out of the slot.  Raises ReaderError when there is none."""
        with self._turn(tx, serial) as turn:
            customer.remove_card(turn)

    def press(self, tx: Context, serial: str, button: str) -> None:
        """Press ``cancel`` or ``pairing_code``.  Raises ReaderError when the screen does not offer it."""
        with self._turn(tx, serial) as turn:
            customer.press(turn, button)

    def set_fault(self, tx: Context, serial: str, name: str, on: bool = True) -> None:
        """Make a named fault (``offline``, ``hardware_fault``) come or go.

        Raises ReaderError for another name.
        """
        with self._turn(tx, serial) as turn:
            faults.set_fault(turn, name, on=on)

    # --- looking ------------------------------------------------------------------------------------------

    def state(self, tx: Context, serial: str) -> DeviceState:
        """A device's state.  Raises ReaderError for a serial that no device has."""
        state = self._find(tx, serial)
        if state is None:
            raise ReaderError(
                f"There is no reader with the serial {serial!r}.", "Readers have the serial on their box."
            )
        return state

    def screen(self, tx: Context, serial: str) -> Screen:
        """What is on a device's screen.  Raises ReaderError for a serial that no device has."""
        state = self.state(tx, serial)
        return draw(state, shelf().sku(state.sku))

    def serials(self, tx: Context) -> list[str]:
        """Every device's serial."""
        return [serial for serial, _ in tx.each("", KIND)]

    # --- life ---------------------------------------------------------------------------------------------

    def requeue(self, tx: Context) -> None:
        """After a commit failed and rows went back: set the timers that the rows speak of again."""
        for _, row in tx.each("", KIND):
            state = from_row(orjson.loads(row))
            if state.due_ms is not None:
                fire = partial(self._fire, state.serial, state.due_ms)
                self._timers.volatile(state.due_ms, _timer_key(state.serial), fire)

    def boot_all(self, tx: Context) -> None:
        """After a start or a restore every device boots as after a power cut; simulated ones at once."""
        self._presence.clear()
        self._pins.clear()
        for _, row in list(tx.each("", KIND)):
            before = from_row(orjson.loads(row))
            if before.connected:
                self._presence.start(before.serial, self._clock.now_ms(), self._beat(before))
            else:
                self._presence.stop(before.serial, before.last_seen_ms)
            if before.simulated and before.phase == "idle":
                # Booting would change nothing; thousands of them are to be up at once.
                continue
            with self._turn(tx, before.serial) as turn:
                power.boot(turn)
                if turn.state.simulated:
                    machine.tick(turn)

    def drop(self, tx: Context, serial: str) -> None:
        """The device is thrown away; one that is not there stays so."""
        tx.delete("", KIND, serial)
        tx.after_commit(partial(self._forget, serial))

    # --- inside -------------------------------------------------------------------------------------------

    def _find(self, tx: Context, serial: str) -> DeviceState | None:
        row = tx.get("", KIND, serial)
        return None if row is None else from_row(row)

    @contextmanager
    def _turn(self, tx: Context, serial: str) -> Iterator[Turn]:
        before = self.state(tx, serial)
        turn = Turn(before, shelf().sku(before.sku), self._clock.now_ms(), partial(registration_code, self._ids))
        yield turn
        after = turn.state
        if after.connected != before.connected and not after.connected:
            turn.change(last_seen_ms=self.last_seen_ms(serial))
            after = turn.state
        if after != before:
            tx.put("", KIND, to_row(after), created=after.created)
            tx.after_commit(partial(self._follow, before, after, turn.now_ms))
        for message in turn.messages:
            self._gateway.to_platform(tx, serial, message)

    def _add(self, tx: Context, state: DeviceState) -> None:
        tx.put("", KIND, to_row(state), created=state.created)
        if state.connected:
            # At once, and not after the commit: whoever makes the device asks in the same transaction when
            # it was seen.  Should the transaction fail, nobody ever learns the serial.
            self._presence.start(state.serial, self._clock.now_ms(), self._beat(state))

    def _follow(self, before: DeviceState, after: DeviceState, at_ms: int) -> None:
        """Timer, presence and watchers, once the change is committed."""
        serial = after.serial
        if after.due_ms is None:
            if before.due_ms is not None:
                self._timers.cancel(_timer_key(serial))
        elif after.due_ms != before.due_ms:
            self._timers.volatile(after.due_ms, _timer_key(serial), partial(self._fire, serial, after.due_ms))
        if after.connected != before.connected:
            if after.connected:
                self._presence.start(serial, at_ms, self._beat(after))
            else:
                self._presence.stop(serial, after.last_seen_ms)
        if after.sale is None:
            self._pins.pop(serial, None)
        if self._feed.watched and (item := _item(after)) != _item(before):
            self._feed.publish(at_ms, "reader", item)

    def _fire(self, serial: str, due_ms: int) -> None:
        self._transact(partial(self._tick, serial, due_ms))

    def _tick(self, serial: str, due_ms: int, tx: Context) -> None:
        state = self._find(tx, serial)
        if state is None or state.due_ms != due_ms:
            return
        with self._turn(tx, serial) as turn:
            machine.tick(turn)

    def _forget(self, serial: str) -> None:
        self._timers.cancel(_timer_key(serial))
        self._presence.forget(serial)
        self._pins.pop(serial, None)
        if self._feed.watched:
            self._feed.publish(self._clock.now_ms(), "reader", {"serial": serial, "reader": None, "state": "gone"})

    def _beat(self, state: DeviceState) -> int:
        return shelf().sku(state.sku).model.timing_ms.heartbeat

    def _info(self, state: DeviceState) -> DeviceInfo:
        model = shelf().sku(state.sku).model
        simulator = model.simulated if state.simulated else None
        return DeviceInfo(
            serial=state.serial,
            device_type=model.device_type if simulator is None else simulator.device_type,
            software=model.app_version,
            ip_address=state.ip_address,
            simulated=state.simulated,
            features=tuple(model.features),
            mobile=model.kind == "mobile",
        )


def _try_chip(turn: Turn, link: CardLink) -> None:
    # Powering the chip up is all that can be done without a kernel; any failure of it is a read error like
    # others.
    try:
        link.power_on()
        link.power_off()
    except OSError:
        pass
    customer.present_unreadable(turn)


def _timer_key(serial: str) -> str:
    return f"reader:{serial}"


def _item(state: DeviceState) -> dict[str, object]:
    """A device on the live feed; nothing of it is secret."""
    card = state.sale.card if state.sale is not None else None
    return {
        "serial": state.serial,
        "reader": state.reader,
        "state": state.phase,
        "faults": list(state.faults),
        "connected": state.connected,
        "card": None if card is None else {"brand": card.brand, "last4": card.last4, "read_method": card.read_method},
        "card_in_slot": state.card_in_slot,
        "screen": draw(state, shelf().sku(state.sku)).document(),
    }
