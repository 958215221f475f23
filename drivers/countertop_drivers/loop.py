"""``loop:ATRHEX``: a card that is a function in this process.  For trying out what stands at the other end.

Opened by URL it answers every command with 6D00, *instruction not supported*, as a chip without
applications would.
"""

from __future__ import annotations

from collections.abc import Callable

from countertop_drivers.errors import BadAddress, CardAbsent
from countertop_drivers.link import Closing, poll

NOT_SUPPORTED = b"\x6d\x00"
# ISO/IEC 7816-3: an ATR has 2 to 33 bytes.
LONGEST_ATR = 33


def _answer_nothing(apdu: bytes) -> bytes:
    return NOT_SUPPORTED


class LoopLink(Closing):
    """A card made of its power-on answer and a function from command to response."""

    def __init__(self, atr: bytes, answer: Callable[[bytes], bytes] = _answer_nothing) -> None:
        self._atr = atr
        self._answer = answer
        self._powered = False
        self._present = True

    @classmethod
    def from_details(cls, details: str) -> LoopLink:
        """Open ``loop:ATRHEX``.  Raises BadAddress unless it is 2 to 33 bytes of hexadecimal."""
        try:
            atr = bytes.fromhex(details)
        except ValueError:
            atr = b""
        if not 2 <= len(atr) <= LONGEST_ATR:
            raise BadAddress(f"loop:{details[:80]} has no usable ATR.", "Write 2 to 33 bytes in hexadecimal: loop:3B00")
        return cls(atr)

    @property
    def present(self) -> bool:
        """True until the card is taken away."""
        return self._present

    def take_away(self) -> None:
        """The card leaves the slot; it loses its power."""
        self._present = self._powered = False

    def put_back(self) -> None:
        """The card is in the slot again, without power."""
        self._present = True

    def power_on(self) -> bytes:
        """The ATR.  Raises CardAbsent when the card was taken away."""
        if not self._present:
            raise CardAbsent("There is no card.")
        self._powered = True
        return self._atr

    def transmit(self, apdu: bytes) -> bytes:
        """What the function answers.  Raises CardAbsent without a card or without power."""
        if not self._powered:
            raise CardAbsent("The card has no power." if self._present else "There is no card.", "Call power_on().")
        return self._answer(apdu)

    def power_off(self) -> None:
        """Take the power away."""
        self._powered = False

    def wait(self, present: bool, timeout_s: float) -> bool:
        """Wait until the card is there, or taken away."""
        return poll(lambda: self._present, present, timeout_s)

    def close(self) -> None:
        """Take the power away."""
        self._powered = False
