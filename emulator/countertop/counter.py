"""Hands on a reader: what a customer or a cashier does to the device on the counter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from countertop.accounts import shop_address
from countertop.cards import Presentation, find_card
from countertop.errors import ReaderError
from countertop.services.terminal.pairing import DIRECTORY

if TYPE_CHECKING:
    from countertop.bench import Bench
    from countertop.cards import CardLink
    from countertop.readers.screen import Screen

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

    def tap(self, card: str | CardLink = "visa") -> None:
        """Hold a card against the reader; a test card by name (``visa``) or number, or a card link.

        In virtual time the action is final afterwards, unless the reader asks for more (a PIN).
        Raises ReaderError when the reader asks for no card.
        """
        self._present("tap", card)

    def insert(self, card: str | CardLink = "visa") -> None:
        """Put a card into the slot; it stays there until :meth:`remove_card`.  Raises ReaderError as :meth:`tap`."""
        self._present("insert", card)

    def swipe(self, card: str | CardLink = "visa") -> None:
        """Pull a card through the magnetic stripe reader.  Raises ReaderError as :meth:`tap`."""
        self._present("swipe", card)

    def enter_pin(self, pin: str) -> None:
        """Type a PIN and confirm it.  Raises ReaderError when the reader asks for none."""
        self._bench.transact(lambda tx: self._bench.devices.enter_pin(tx, self.serial, pin))
        self._see_it_through()

    def remove_card(self) -> None:
        """Take the card out of the slot.  Raises ReaderError when there is none."""
        self._bench.transact(lambda tx: self._bench.devices.remove_card(tx, self.serial))

    def press(self, button: str) -> None:
        """Press a button on the screen, such as ``cancel``.  Raises ReaderError when it is not shown."""
        self._bench.transact(lambda tx: self._bench.devices.press(tx, self.serial, button))

    def fault(self, name: str, on: bool = True) -> None:
        """Switch a named fault on or off, such as ``offline``.  Raises ReaderError for an unknown name."""
        self._bench.transact(lambda tx: self._bench.devices.set_fault(tx, self.serial, name, on))

    @property
    def screen(self) -> Screen:
        """What the glass shows; ``screen.text`` draws it."""
        return self._bench.transact(lambda tx: self._bench.devices.screen(tx, self.serial))

    @property
    def state(self) -> str:
        """The device's state, such as ``idle`` or ``waiting``."""
        return self._bench.transact(lambda tx: str(self._bench.devices.state(tx, self.serial).phase))

    def _present(self, interface: Any, card: str | CardLink) -> None:
        held = find_card(card) if isinstance(card, str) else card
        presentation = Presentation(interface, held)
        self._bench.transact(lambda tx: self._bench.devices.present(tx, self.serial, presentation))
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


def open_reader(bench: Bench, key: str, *, simulated: bool, label: str) -> Reader:
    """Register a WisePOS E in the account's country, at a location of its own, through the API."""
    country = bench.account(key).country
    address = shop_address(country)
    shop = bench.account(key).business_name
    location = bench.call("POST", "/v1/terminal/locations", {"display_name": shop, "address": address}, key=key)
    if simulated:
        code = "simulated-wpe"
    else:
        serial = bench.unbox(country)
        code = _code_on_screen(bench, serial)
    made = bench.call(
        "POST",
        "/v1/terminal/readers",
        {"registration_code": code, "location": location["id"], "label": label or None},
        key=key,
    )
    return Reader(bench, made["id"])


def _code_on_screen(bench: Bench, serial: str) -> str:
    def look(tx: Any) -> str:
        return bench.devices.state(tx, serial).code or ""

    for _ in range(BOOTS_WITHIN_S):
        code = bench.transact(look)
        if code:
            return code
        bench.pass_time(1000)
    raise ReaderError(f"The device {serial} showed no pairing code.")


def _serial_of(tx: Any, reader: str) -> str:
    for serial, _ in tx.each("", DIRECTORY, where={"reader": reader}):
        return str(serial)
    raise ReaderError(f"There is no device registered as {reader}.", "Look at GET /v1/terminal/readers.")
