"""The clear data of PIN CHANGE, before it is enciphered: Visa's own block, or ISO 9564 format 2 (G.5)."""

from __future__ import annotations

from typing import Protocol

from countertop.emv.des import BLOCK, xor
from countertop.emv.pin_block import LONGEST, SHORTEST, PinBlockError, check_pin, decode, encode_format_2


class PinChange(Protocol):
    """One form of the block."""

    def write(self, mk_ac: bytes, pin: str, old: str) -> bytes:
        """The block.  ``old``: empty, or the PIN until now.  Raises PinBlockError for what is no PIN."""
        ...

    def read(self, mk_ac: bytes, block: bytes, old: str) -> str | None:
        """The PIN, None when there is none in it."""
        ...


class IsoBlock:
    """Format 2, with or without the old PIN."""

    def write(self, mk_ac: bytes, pin: str, old: str) -> bytes:
        """The block."""
        return encode_format_2(pin)

    def read(self, mk_ac: bytes, block: bytes, old: str) -> str | None:
        """The PIN, None when there is none in it."""
        try:
            return decode(2, block)
        except PinBlockError:
            return None


class VisaBlock:
    """A length byte and the PIN, hidden by the card's master key and by the old PIN where it is known."""

    def write(self, mk_ac: bytes, pin: str, old: str) -> bytes:
        """The block."""
        check_pin(pin)
        return xor(bytes((len(pin),)) + bytes.fromhex(pin.ljust(14, "F")), _cover(mk_ac, old))

    def read(self, mk_ac: bytes, block: bytes, old: str) -> str | None:
        """The PIN, None when there is none in it."""
        if len(block) != BLOCK:
            return None
        clear = xor(block, _cover(mk_ac, old))
        length, text = clear[0], clear[1:].hex().upper()
        pin, fill = text[:length], text[length:]
        right = SHORTEST <= length <= LONGEST and pin.isdecimal() and not fill.strip("F")
        return pin if right else None


class VisaBlockOverOld:
    """Visa's later habit: its own block where the old PIN is known, format 2 where it is not."""

    def write(self, mk_ac: bytes, pin: str, old: str) -> bytes:
        """The block."""
        return (VisaBlock() if old else IsoBlock()).write(mk_ac, pin, old)

    def read(self, mk_ac: bytes, block: bytes, old: str) -> str | None:
        """The PIN, None when there is none in it."""
        return (VisaBlock() if old else IsoBlock()).read(mk_ac, block, old)


def _cover(mk_ac: bytes, old: str) -> bytes:
    if old:
        check_pin(old)
    return xor(bytes(4) + mk_ac[4:8], bytes.fromhex(old.ljust(2 * BLOCK, "0")))
