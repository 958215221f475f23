"""``acr122:usb``: a contactless card on an ACR122U, a CCID reader with commands of its own (card-hardware.md C.1).

Commands whose class is FF are for the reader and its PN532; all others go to the card.
"""

from __future__ import annotations

import contextlib
from typing import Any

from countertop_drivers.address import Address, UsbAddress
from countertop_drivers.ccid.driver import CcidLink, is_ccid, link_of
from countertop_drivers.ccid.reader import Limits
from countertop_drivers.discovery import Found
from countertop_drivers.errors import BadAddress, CardAbsent, CardMute, DeviceRefused, DriverError, ProtocolError
from countertop_drivers.link import Closing
from countertop_drivers.usb import candidates, open_interface

#: Vendor and product of readers that know these commands.
KNOWN = frozenset({(0x072F, 0x2200)})
DONE = b"\x90\x00"
#: What the reader says in a card's place.
READER_WORDS = {
    b"\x63\x01": "the PN532 does not answer",
    b"\x63\x27": "the card's answer has a wrong check sum",
    b"\x63\x7f": "the PN532 refuses the command",
}
AUTO_POLL, AUTO_ATS, TYPE_B, TYPE_A = 0x80, 0x40, 0x02, 0x01
LONGEST_COMMAND = 255


class Acr122Link(Closing):
    """The field of an ACR122U as a card link."""

    def __init__(self, ccid: CcidLink) -> None:
        self.ccid = ccid
        self._powered = False
        #: The ATR that the reader makes up; None before power-on.
        self.atr: bytes | None = None

    @property
    def present(self) -> bool:
        """True while a card is in the field."""
        return self.ccid.present

    def power_on(self) -> bytes:
        """Activate the card; its ATS, or the reader's ATR where there is no ATS (type B, old firmware)."""
        self._powered = False
        self.atr = self.ccid.power_on()
        self._powered = True
        ats = self.command(bytes.fromhex("FFCA010000"))
        return ats[:-2] if ats[-2:] == DONE and len(ats) > 2 else self.atr

    def transmit(self, apdu: bytes) -> bytes:
        """One command to the card.  Raises CardMute when the reader answers in its place.

        Class FF is refused with BadAddress: it would go to the reader; :meth:`command` is for that.
        """
        if not self._powered:
            raise CardAbsent("The card has no power.", "Call power_on().")
        if apdu[:1] == b"\xff":
            raise BadAddress("Class FF is the reader's own.", "Use command().")
        response = self.ccid.transmit(apdu)
        if response in READER_WORDS:
            raise CardMute(f"{READER_WORDS[response][0].upper()}{READER_WORDS[response][1:]}.", "Power it on again.")
        return response

    def power_off(self) -> None:
        """Let go of the card."""
        self._powered = False
        self.ccid.power_off()

    def wait(self, present: bool, timeout_s: float) -> bool:
        """Wait for a card in the field, or for an empty field."""
        return self.ccid.wait(present, timeout_s)

    def reset(self) -> None:
        """Reset the reader."""
        self._powered = False
        self.ccid.reset()

    def close(self) -> None:
        """Power off and let go of the reader."""
        self._powered = False
        self.ccid.close()

    def command(self, apdu: bytes) -> bytes:
        """A command to the reader itself, with or without a card; its answer as it is."""
        if self._powered:
            return self.ccid.transmit(apdu)
        return self.ccid.slot.escape(apdu)

    def pn532(self, command: bytes) -> bytes:
        """A command (D4 …) straight to the PN532; its answer (D5 …).

        Raises DeviceRefused when the PN532 does not take it, ProtocolError when the answer is to another one.
        """
        if not 2 <= len(command) <= LONGEST_COMMAND:
            raise BadAddress(f"A PN532 command has 2 to {LONGEST_COMMAND} bytes, not {len(command)}.")
        answer = self.command(bytes((0xFF, 0, 0, 0, len(command))) + command)
        if len(answer) == 2 and answer[0] == 0x61:
            answer = self.command(bytes((0xFF, 0xC0, 0, 0, answer[1])))
        body = _done(answer, "direct transmit")
        if len(body) < 2 or body[0] != 0xD5 or body[1] != command[1] + 1 & 0xFF:
            raise ProtocolError(f"The PN532 answered {body[:8].hex().upper() or 'nothing'}.")
        return body

    def uid(self) -> bytes:
        """The card's identifier, 4, 7 or 10 bytes; phones make a new one for each tap."""
        return _done(self.command(bytes.fromhex("FFCA000000")), "get UID")

    def firmware(self) -> str:
        """Such as ``ACR122U214``; there is no status behind it."""
        return self.command(bytes.fromhex("FF00480000")).decode("ascii", "replace")

    def describe(self) -> dict[str, str]:
        """What the reader says about itself."""
        return {**self.ccid.describe(), "firmware": self.firmware()}

    def polling(self, parameter: int | None = None) -> int:
        """The PICC operating parameter, set first when given: AUTO_POLL | AUTO_ATS | TYPE_A and so on."""
        apdu = bytes.fromhex("FF00500000") if parameter is None else bytes((0xFF, 0, 0x51, parameter, 0))
        return _state(self.command(apdu), "polling parameter")

    def light(self, red: bool, green: bool, *, beep_ms: int = 0) -> None:
        """Both LEDs; ``beep_ms`` in steps of 100."""
        state = 0x0C | red | green << 1
        _state(
            self.command(bytes((0xFF, 0, 0x40, state, 4, min(beep_ms // 100, 255), 0, 1, 1 if beep_ms else 0))), "LEDs"
        )

    def beep_on_card(self, on: bool) -> None:
        """Whether the reader beeps by itself when a card comes."""
        _done(self.command(bytes((0xFF, 0, 0x52, 0xFF if on else 0, 0))), "buzzer")


def open_url(details: str, *, backend: Any = None, limits: Limits | None = None) -> Acr122Link:
    """Open ``acr122:DETAILS``.  An address with ids is taken at its word, for relatives of the ACR122U."""
    address = Address.parse(details, "usb")
    assert isinstance(address, UsbAddress)

    def usable(interface: Any) -> bool:
        return is_ccid(interface) and (address.vendor is not None or _known(interface))

    pipe, _ = open_interface(usable, address, "ACR122U", backend)
    link = Acr122Link(link_of(pipe, address.slot, limits))
    # Polling and automatic RATS are the factory's setting, but whoever had it before may have changed it.
    try:
        with contextlib.suppress(DeviceRefused):
            link.polling(0xFF)
    except BaseException:
        link.close()
        raise
    return link


def discover(timeout_s: float, *, backend: Any = None) -> list[Found]:
    """Every one that is plugged in."""
    found = candidates(lambda interface: is_ccid(interface) and _known(interface), backend=backend)
    return [Found(f"acr122:usb:{one.place}", one.title) for one in found]


def _known(interface: Any) -> bool:
    return (interface.device.idVendor, interface.device.idProduct) in KNOWN


def _done(answer: bytes, what: str) -> bytes:
    if answer[-2:] != DONE:
        raise _refusal(answer, what)
    return answer[:-2]


def _state(answer: bytes, what: str) -> int:
    if len(answer) != 2 or answer[0] != 0x90:
        raise _refusal(answer, what)
    return answer[1]


def _refusal(answer: bytes, what: str) -> DriverError:
    words = READER_WORDS.get(answer[-2:], "it failed")
    code = int.from_bytes(answer[-2:], "big")
    return DeviceRefused(f"ACR122U, {what}: {words} ({answer[-2:].hex().upper()}).", code=code, name=f"{code:04X}")
