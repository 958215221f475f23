"""The hands of the people in front of the devices, and of those who break them."""

from __future__ import annotations

import time

from countertop.cards import CardLink, DistantCard, MagneticStripe, Presentation, SeveralCards, SimulatedCard
from countertop.cards.chip import parse_faults, profile_of
from countertop.cards.stripe import stripe_of
from countertop.errors import ReaderError
from countertop.readers import (
    battery,
    buttons,
    chip_data,
    customer,
    faults,
    form,
    plans,
    power,
    reading,
    stripe,
    upkeep,
    waiting,
)
from countertop.readers.held import Held
from countertop.readers.keeper import Keeper
from countertop.readers.ports import Context
from countertop.readers.state import SeenCard
from countertop.readers.turn import Turn


class Hands(Keeper):
    """What people do to a device.  Every method raises ReaderError for a serial that no device has."""

    # --- customers ----------------------------------------------------------------------------------------

    def present(self, tx: Context, serial: str, presentation: Presentation, *, at_once: bool = False) -> None:
        """Present a card.

        ``at_once``: no phase takes time, the right PIN is typed, the card is taken away after.

        Raises ReaderError when the device asks for no card, or not like this, ConfigurationError for a fault that no
        chip has.
        """
        with self.turn(tx, serial) as turn:
            self._present(tx, turn, presentation, at_once=at_once)

    def enter_pin(self, tx: Context, serial: str, pin: str) -> None:
        """Type a whole PIN.  Raises ReaderError when none is asked for or it is not 4 to 12 digits."""
        customer.check_pin(pin)
        with self.turn(tx, serial) as turn:
            customer.enter_pin(turn, pin)

    def remove_card(self, tx: Context, serial: str) -> None:
        """Pull the card out of the slot.  Raises ReaderError when there is none."""
        with self.turn(tx, serial) as turn:
            customer.remove_card(turn)

    def press(self, tx: Context, serial: str, button: str) -> None:
        """Press a button of the screen by its name, or ``pairing_code`` behind the settings of an idle reader.

        Raises ReaderError when the screen does not offer it.
        """
        with self.turn(tx, serial) as turn:
            buttons.press(turn, button)

    def choose_tip(self, tx: Context, serial: str, amount: int) -> None:
        """Give a tip of so many minor units, 0 for none.  Raises ReaderError when none is asked for."""
        with self.turn(tx, serial) as turn:
            waiting.choose_tip(turn, amount)

    def choose(self, tx: Context, serial: str, network: str) -> None:
        """Choose the network that a card in the slot runs on.  Raises ReaderError when there is no such choice."""
        with self.turn(tx, serial) as turn:
            reading.press_network(turn, network)

    def enter(self, tx: Context, serial: str, value: str, *, submit: bool = True) -> None:
        """Enter a value in the form on the screen: text, digits, an address, a number in E.164, the id of a choice,
        or an SVG document as the signature; ``submit`` hands it in.  A choice always does.

        Raises ReaderError when no form is shown or the value does not fit in it.
        """
        with self.turn(tx, serial) as turn:
            selection = turn.state.sale and turn.state.sale.form and turn.state.sale.form.field.kind == "selection"
            form.enter(turn, value)
            if submit and not selection:
                form.submit(turn)

    def skip(self, tx: Context, serial: str) -> None:
        """Pass over the form on the screen.  Raises ReaderError when none is shown, or it is required."""
        with self.turn(tx, serial) as turn:
            form.skip(turn)

    def toggle(self, tx: Context, serial: str, index: int) -> None:
        """Flip a switch on the form, counted from 0.  Raises ReaderError when there is none."""
        with self.turn(tx, serial) as turn:
            form.toggle(turn, index)

    # --- cashiers and engineers ---------------------------------------------------------------------------

    def plug(self, tx: Context, serial: str) -> None:
        """Put the device into its dock or on its cable.  Raises ReaderError when it is there."""
        with self.turn(tx, serial) as turn:
            battery.plug(turn)

    def unplug(self, tx: Context, serial: str) -> None:
        """Take it off: its battery drains; without one it goes off.  Raises ReaderError when it is off the cable."""
        with self.turn(tx, serial) as turn:
            battery.unplug(turn)

    def install(self, tx: Context, serial: str, version: str) -> None:
        """Install software.  Raises ReaderError unless the device is idle, connected and charged."""
        with self.turn(tx, serial) as turn:
            upkeep.install(turn, version)

    def reboot(self, tx: Context, serial: str) -> None:
        """Switch it off and on again, whatever goes on; a sale in the middle is lost.  Raises ReaderError while it has
        no power, or is broken."""
        with self.turn(tx, serial) as turn:
            power.reboot(turn)

    def set_reboot_window(
        self, tx: Context, serial: str, start_hour: int, end_hour: int, *, utc_offset_minutes: int = 0
    ) -> None:
        """Between which hours of its location's day the device restarts.  Raises ReaderError for no such hours."""
        with self.turn(tx, serial) as turn:
            upkeep.set_window(turn, start_hour, end_hour, utc_offset_minutes)

    def set_fault(self, tx: Context, serial: str, name: str, on: bool = True) -> None:
        """Make a named fault come or go (``countertop.readers.faults.FAULTS``).

        Raises ReaderError for another name.
        """
        with self.turn(tx, serial) as turn:
            faults.set_fault(turn, name, on=on)

    def plan_fault(self, tx: Context, serial: str, name: str, at_ms: int, for_ms: int | None = None) -> None:
        """A fault that comes at ``at_ms`` (Unix milliseconds) and goes ``for_ms`` later; None: it stays.

        Raises ReaderError for an unknown name or a duration that is none.
        """
        with self.turn(tx, serial) as turn:
            plans.add(turn, name, at_ms, for_ms)

    # --- inside -------------------------------------------------------------------------------------------

    def _present(self, tx: Context, turn: Turn, presentation: Presentation, *, at_once: bool) -> None:
        parse_faults(presentation.faults)
        turn.slot = None
        method = customer.may_present(turn, presentation.interface)
        turn.trail.presented(guest=presentation.guest)
        card = presentation.card
        if isinstance(card, SimulatedCard):
            customer.check_fits(card, presentation.interface)
            held = Held(card, presentation.faults, presentation.device)
            self._held[turn.state.serial] = turn.room.held = held
        if presentation.interface == "swipe":
            seen = stripe.seen(turn, _stripe(turn, card), method, guest=presentation.guest)
            if seen is None:
                return
        else:
            over_the_air = presentation.interface == "tap"
            if isinstance(card, MagneticStripe):
                raise ReaderError("A magnetic stripe can only be swiped.", "Use swipe.")
            if over_the_air and presentation.beside:
                turn.slot = turn.room.slot_for(turn, SeveralCards(), over_the_air=True)
            elif isinstance(card, SimulatedCard):
                turn.slot = turn.room.put_in(turn, over_the_air=over_the_air)
            else:
                turn.slot = turn.room.slot_for(turn, card, over_the_air=over_the_air)
            seen = chip_data.unread(method)
        customer.present(turn, presentation.interface, seen, at_once=at_once)

    def _keyed(self, tx: Context, turn: Turn, card: SimulatedCard, expiry: tuple[int, int]) -> SeenCard:
        """A test card whose number is typed in."""
        month, year = expiry
        token = self._vault.tokenize(tx, card.number)
        return SeenCard(token, card.brand, card.last4, None, month, year, None, networks=card.networks)


def _stripe(turn: Turn, card: SimulatedCard | CardLink | DistantCard | MagneticStripe) -> MagneticStripe:
    """What is on the stripe of a card.  Raises ReaderError for a card that has none."""
    if isinstance(card, MagneticStripe):
        return card
    if not isinstance(card, SimulatedCard):
        raise ReaderError("A card link has no magnetic stripe.", "Use insert or tap.")
    code = profile_of(card).applications[0].service_code if card.chip else card.service_code
    return stripe_of(card, code, time.gmtime(turn.now_ms // 1000).tm_year)
