"""``pn532:serial:/dev/ttyUSB0``: a contactless card in the field of a PN532 on a serial line."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

from countertop_drivers.address import Address, SerialAddress
from countertop_drivers.discovery import Found
from countertop_drivers.errors import CardAbsent, CardMute, DriverError, ProtocolError
from countertop_drivers.link import Closing, poll
from countertop_drivers.pn532 import iso_dep
from countertop_drivers.pn532.commands import CARD_WITHIN_S, Pn532
from countertop_drivers.pn532.hsu import BAUD, Hsu
from countertop_drivers.pn532.targets import Target
from countertop_drivers.serial_port import open_serial, serial_ports

#: EMV Contactless Level 1: a card without a field for 5.1 ms has forgotten everything.
RESET_S = 0.006
#: Looking for a card once more than once: quick, and enough for one that is coming.
TRIES = 1
#: USB bridges that boards with a PN532 are sold with: CP210x, CH340, FTDI.
BRIDGES = frozenset({(0x10C4, 0xEA60), (0x1A86, 0x7523), (0x0403, 0x6001), (0x0403, 0x6015)})


class Pn532Link(Closing):
    """The field of a PN532 as a card link.  ``sleep`` takes seconds."""

    def __init__(
        self, hsu: Hsu, *, card_within_s: float = CARD_WITHIN_S, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.chip = Pn532(hsu)
        self._hsu = hsu
        self._card_within_s = card_within_s
        self._sleep = sleep
        self._target: Target | None = None
        self._closed = False
        self._begin()

    @property
    def present(self) -> bool:
        """True while a card is in the field; looking at a card without power gives it some for a moment."""
        if self._target is not None:
            if self.chip.still_there():
                return True
            self._target = None
        found = bool(self.chip.cards())
        self.chip.release()
        return found

    def power_on(self) -> bytes:
        """Activate the one card in the field, from the beginning: its ATS, or its ATQB (type B).

        Raises CardAbsent, and CardMute for two cards at once or one without ISO/IEC 14443-4.
        """
        self._target = None
        self.chip.field(False)
        self._sleep(RESET_S)
        self.chip.field(True)
        found = self.chip.cards(most=2)
        if not found:
            raise CardAbsent("There is no card in the field.")
        if len(found) > 1:
            self.chip.release()
            raise CardMute("There is more than one card in the field.", "Present one card only.")
        if not found[0].speaks_apdus:
            self.chip.release()
            raise CardMute(
                f"The card {found[0].uid.hex().upper()} has no ISO 14443-4 (no APDUs).",
                "It is no payment card.",
            )
        self._target = found[0]
        return self._target.answer

    def transmit(self, apdu: bytes) -> bytes:
        """One command to the card.  Raises CardAbsent without power, CardMute when it stops answering."""
        if self._target is None:
            raise CardAbsent("The card has no power.", "Call power_on().")
        try:
            return iso_dep.transmit(self.chip, self._target.number, apdu, self._card_within_s)
        except (CardMute, ProtocolError):
            # Whatever state the two are in, they no longer speak of the same one.
            self._target = None
            raise

    def power_off(self) -> None:
        """Let go of the card and switch the field off."""
        if self._closed:
            return
        if self._target is not None:
            self._target = None
            with contextlib.suppress(CardMute):
                self.chip.release()
        self.chip.field(False)

    def wait(self, present: bool, timeout_s: float) -> bool:
        """Look every 50 ms until a card is in the field, or none is."""
        return poll(lambda: self.present, present, timeout_s)

    def uid(self) -> bytes:
        """The identifier of the card that has power: 4, 7 or 10 bytes, or the PUPI.  Raises CardAbsent."""
        if self._target is None:
            raise CardAbsent("The card has no power.", "Call power_on().")
        return self._target.uid

    def describe(self) -> dict[str, str]:
        """What the device says about itself."""
        return {"device": str(self.chip.firmware())}

    def reset(self) -> None:
        """Set the chip up anew, after whatever went wrong."""
        self._target = None
        self._hsu.abort()
        self._hsu.sleep()
        self._begin()

    def close(self) -> None:
        """Switch the field off and let go of the port."""
        if not self._closed:
            with contextlib.suppress(DriverError):
                self.power_off()
            self._closed = True
            self._hsu.port.close()

    def _begin(self) -> None:
        self.chip.use_as_reader()
        self.chip.firmware()
        self.chip.tries(TRIES)


def open_url(details: str) -> Pn532Link:
    """Open ``pn532:DETAILS``.  Raises DeviceTimeout when no PN532 answers there, and as open_serial does."""
    address = Address.parse(details, "serial")
    assert isinstance(address, SerialAddress)
    port = open_serial(address, BAUD)
    try:
        return Pn532Link(Hsu(port))
    except BaseException:
        port.close()
        raise


def discover(timeout_s: float) -> list[Found]:
    """Ports on which one might be.  Nothing is sent to find out: the port may be anybody's."""
    return [
        Found(f"pn532:serial:{port.path}", f"perhaps a PN532: {port.title}")
        for port in serial_ports()
        if (port.vendor, port.product) in BRIDGES
    ]
