"""Hands on a reader: what a customer or a cashier does to the device on the counter."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from countertop import issued_cards
from countertop.accounts import location_params, shop_address
from countertop.cards import Phone, Presentation, SimulatedCard, find_card
from countertop.errors import ReaderError
from countertop.issued_cards import IssuedCard
from countertop.readers.models import shelf
from countertop.services.terminal.pairing import DIRECTORY

if TYPE_CHECKING:
    from countertop.bench import Bench
    from countertop.cards import CardLink, MagneticStripe
    from countertop.readers.battery import Battery
    from countertop.readers.screen import Screen
    from countertop.readers.signals import Signals

# A presentation goes through fewer phases than this before a hand is needed again.
MOST_PHASES = 20
BOOTS_WITHIN_S = 120


class Reader:
    """One registered reader.  ``id`` is its ``tmr_`` id, ``serial`` the device's serial number."""

    def __init__(self, bench: Bench, reader: str) -> None:
        self._bench = bench
        self.id = reader
        self.serial = bench.transact(lambda tx: _serial_of(tx, reader))

    def __repr__(self) -> str:
        return f"Reader({self.id}, {self.serial}: {self.screen.title})"

    def tap(
        self,
        card: str | CardLink | IssuedCard | Phone = "visa",
        faults: Iterable[str] = (),
        *,
        beside: Iterable[str] = (),
    ) -> None:
        """Hold a card against the reader: a test card by name (``visa``, in a phone ``apple_pay:visa``) or number, a
        phone (:meth:`countertop.bench.Bench.phone`), or a card link.

        ``faults``: what is wrong with its chip.  ``beside``: other cards in the same hand, which the reader meets too.
        In virtual time the action is final afterwards, unless the reader asks for more (a PIN).
        Raises ReaderError when the reader asks for no card.
        """
        others = len([find_card(other) for other in beside])
        if isinstance(card, Phone):
            self._give(Presentation("tap", card.card, tuple(faults), card.device, others))
        else:
            self._present("tap", card, faults, others)

    def insert(self, card: str | CardLink | IssuedCard = "visa", faults: Iterable[str] = ()) -> None:
        """Put a card into the slot; it stays there until :meth:`remove_card`.

        ``faults``: what is wrong with its chip, by name (docs/cards.md).  Raises ReaderError as :meth:`tap`, and for a
        fault that there is not.
        """
        self._present("insert", card, faults)

    def swipe(self, card: str | IssuedCard | MagneticStripe = "visa_stripe") -> None:
        """Pull a card through the magnetic stripe reader; a test card, or the tracks of any stripe.

        A card with a chip is wanted in the slot, and taken here once its chip failed twice.
        Raises ReaderError as :meth:`tap`.
        """
        self._present("swipe", card)

    def enter_pin(self, pin: str) -> None:
        """Type a PIN and confirm it.  Raises ReaderError when the reader asks for none."""
        self._do(lambda tx: self._bench.devices.enter_pin(tx, self.serial, pin))
        self._see_it_through()

    def remove_card(self) -> None:
        """Take the card out of the slot.  Raises ReaderError when there is none."""
        self._do(lambda tx: self._bench.devices.remove_card(tx, self.serial))

    def press(self, button: str) -> None:
        """Press a button on the screen by its name (``screen.buttons``), such as ``cancel``, ``no_tip`` or ``skip``.

        Raises ReaderError when it is not shown.
        """
        self._do(lambda tx: self._bench.devices.press(tx, self.serial, button))
        self._see_it_through()

    def choose_tip(self, amount: int) -> None:
        """Give a tip in minor units, 0 for none.  Raises ReaderError when the reader asks for none."""
        self._do(lambda tx: self._bench.devices.choose_tip(tx, self.serial, amount))

    def choose(self, network: str) -> None:
        """Choose what the card in the slot runs on, such as ``eftpos_au``.  Raises ReaderError without a choice."""
        self._do(lambda tx: self._bench.devices.choose(tx, self.serial, network))
        self._see_it_through()

    def enter(self, value: str, *, submit: bool = True) -> None:
        """Fill in the form on the screen and hand it in: a text, digits, an email address, a phone number in E.164,
        the id of a choice, or an SVG document as a signature.

        Raises ReaderError when no form is shown or the value does not fit in it.
        """
        self._do(lambda tx: self._bench.devices.enter(tx, self.serial, value, submit=submit))

    def skip(self) -> None:
        """Pass over the form on the screen.  Raises ReaderError when none is shown, or it is required."""
        self._do(lambda tx: self._bench.devices.skip(tx, self.serial))

    def toggle(self, index: int) -> None:
        """Flip a switch on the form, counted from 0.  Raises ReaderError when there is none."""
        self._do(lambda tx: self._bench.devices.toggle(tx, self.serial, index))

    def plug(self) -> None:
        """Put the reader into its dock or on its cable.  Raises ReaderError when it is there already."""
        self._do(lambda tx: self._bench.devices.plug(tx, self.serial))

    def unplug(self) -> None:
        """Take the reader off its dock or cable: it runs on its battery, or goes off without one.

        Raises ReaderError when it is off it already.
        """
        self._do(lambda tx: self._bench.devices.unplug(tx, self.serial))

    def reboot(self) -> None:
        """Switch it off and on again, whatever goes on.  Raises ReaderError without power, or while it is broken."""
        self._do(lambda tx: self._bench.devices.reboot(tx, self.serial))

    def install(self, version: str) -> None:
        """Install software, such as ``2.43.0.0``.  Raises ReaderError unless the reader is idle and charged."""
        self._do(lambda tx: self._bench.devices.install(tx, self.serial, version))

    def fault(self, name: str, on: bool = True) -> None:
        """Switch a named fault on or off, such as ``offline``.  Raises ReaderError for an unknown name."""
        self._do(lambda tx: self._bench.devices.set_fault(tx, self.serial, name, on))

    def fault_at(self, name: str, at_ms: int, for_ms: int | None = None) -> None:
        """Plan a fault on the bench's clock: it comes at ``at_ms`` (Unix milliseconds) and goes ``for_ms`` later, or
        stays.  Raises ReaderError for an unknown name or a duration that is none.
        """
        self._do(lambda tx: self._bench.devices.plan_fault(tx, self.serial, name, at_ms, for_ms))

    @property
    def battery(self) -> Battery | None:
        """The charge: percent, status, whether it rises; None for a reader without a battery."""
        return self._bench.transact(lambda tx: self._bench.devices.battery(tx, self.serial))

    @property
    def screen(self) -> Screen:
        """What the glass shows; ``screen.text`` draws it."""
        return self._bench.transact(lambda tx: self._bench.devices.screen(tx, self.serial))

    @property
    def signals(self) -> Signals:
        """The lights of the tap zone, the last tone, and the ways in which a card is taken now."""
        return self._bench.transact(lambda tx: self._bench.devices.signals(tx, self.serial))

    @property
    def state(self) -> str:
        """The device's state, such as ``idle`` or ``waiting``."""
        return self._bench.transact(lambda tx: str(self._bench.devices.state(tx, self.serial).phase))

    def _do(self, act: Callable[[Any], None]) -> None:
        self._bench.transact(act)

    def _present(
        self,
        interface: Any,
        card: str | CardLink | IssuedCard | MagneticStripe,
        faults: Iterable[str] = (),
        beside: int = 0,
    ) -> None:
        if isinstance(card, IssuedCard):
            held: SimulatedCard | CardLink | MagneticStripe = card.plastic
        else:
            held = _found(self._bench, card) if isinstance(card, str) else card
        self._give(Presentation(interface, held, tuple(faults), beside=beside))

    def _give(self, presentation: Presentation) -> None:
        self._do(lambda tx: self._bench.devices.present(tx, self.serial, presentation))
        self._see_it_through()

    def _see_it_through(self) -> None:
        """In virtual time, run the schedule until nothing more happens without a hand."""
        bench = self._bench
        if not bench.clock.is_virtual:
            return
        for _ in range(MOST_PHASES):
            device = bench.transact(lambda tx: bench.devices.state(tx, self.serial))
            until_ms = device.moving_until_ms
            if until_ms is None:
                return
            bench.advance(milliseconds=max(until_ms - bench.clock.now_ms(), 0))


def open_reader(bench: Bench, key: str, *, model: str, simulated: bool, label: str) -> Reader:
    """Register a reader in the account's country, at a location of its own, through the API."""
    country = bench.account(key).country
    shop = location_params(bench.account(key).business_name, shop_address(country))
    location = bench.call("POST", "/v1/terminal/locations", shop, key=key)
    code = _simulator_code(model) if simulated else _code_on_screen(bench, bench.unbox(country, model))
    made = bench.call(
        "POST",
        "/v1/terminal/readers",
        {"registration_code": code, "location": location["id"], "label": label or None},
        key=key,
    )
    return Reader(bench, made["id"])


def _found(bench: Bench, name: str) -> SimulatedCard:
    """A test card by name or number, or an issued one by its id."""
    return issued_cards.held(bench, name) if issued_cards.is_issued(name) else find_card(name)


def _simulator_code(model: str) -> str:
    simulated = shelf().model(model).simulated
    if simulated is None:
        raise ReaderError(f"There is no simulator of the {model}.", "Ask for one out of its box: simulated=False")
    return simulated.registration_code


def _code_on_screen(bench: Bench, serial: str) -> str:
    def look(tx: Any) -> str:
        return bench.devices.state(tx, serial).code or ""

    for _ in range(BOOTS_WITHIN_S):
        code = bench.transact(look)
        if code:
            return code
        bench.pass_time(1000)
    raise ReaderError(f"The device {serial} showed no pairing code.", "Only smart readers do.")


def _serial_of(tx: Any, reader: str) -> str:
    for serial, _ in tx.each("", DIRECTORY, where={"reader": reader}):
        return str(serial)
    raise ReaderError(f"There is no device registered as {reader}.", "Look at GET /v1/terminal/readers.")
