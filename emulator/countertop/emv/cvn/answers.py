"""How issuers answer a cryptogram: the value of tag 91, made by the issuer and checked by the card (G.3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest
from typing import Protocol

from countertop.emv.cryptogram import AcData, arpc_method_1, arpc_method_2

ARPC_BYTES, CODE_BYTES = 8, 2
MAC_BYTES, CSU_BYTES, MOST_PROPRIETARY = 4, 4, 8
APPROVE, DECLINE = b"00", b"05"
MASTERCARD_APPROVE, MASTERCARD_DECLINE = b"\x00\x10", b"\x00\x00"
APPROVE_AND_RESET = bytes.fromhex("00820000")
"""Card status update of an approval: the issuer approves online, and the card's offline counters begin anew."""
DO_NOTHING = bytes(4)

Key = Callable[[bytes, AcData], bytes]


class Answers(Protocol):
    """One way to answer."""

    def make(self, mk_ac: bytes, data: AcData, arqc: bytes, approved: bool, arc: bytes | None) -> bytes:
        """The value of tag 91."""
        ...

    def check(self, mk_ac: bytes, data: AcData, arqc: bytes, answer: bytes) -> bool:
        """Whether the issuer made it."""
        ...


@dataclass(frozen=True, slots=True)
class ByCode:
    """Method 1: a cryptogram over 2 bytes and these; ``mastercard``: they are M/Chip's bits, not the response code."""

    key: Key
    mastercard: bool = False

    def make(self, mk_ac: bytes, data: AcData, arqc: bytes, approved: bool, arc: bytes | None) -> bytes:
        """ARPC ‖ code."""
        if self.mastercard:
            code = MASTERCARD_APPROVE if approved else MASTERCARD_DECLINE
        else:
            code = arc or (APPROVE if approved else DECLINE)
        return arpc_method_1(self.key(mk_ac, data), arqc, code) + code

    def check(self, mk_ac: bytes, data: AcData, arqc: bytes, answer: bytes) -> bool:
        """Whether the issuer made it."""
        if len(answer) != ARPC_BYTES + CODE_BYTES:
            return False
        expected = arpc_method_1(self.key(mk_ac, data), arqc, answer[ARPC_BYTES:])
        return compare_digest(expected, answer[:ARPC_BYTES])


@dataclass(frozen=True, slots=True)
class ByStatusUpdate:
    """Method 2: a MAC over what the card is to do with itself, and this."""

    key: Key

    def make(self, mk_ac: bytes, data: AcData, arqc: bytes, approved: bool, arc: bytes | None) -> bytes:
        """MAC ‖ card status update."""
        update = APPROVE_AND_RESET if approved else DO_NOTHING
        return arpc_method_2(self.key(mk_ac, data), arqc, update) + update

    def check(self, mk_ac: bytes, data: AcData, arqc: bytes, answer: bytes) -> bool:
        """Whether the issuer made it."""
        if not 0 <= len(answer) - MAC_BYTES - CSU_BYTES <= MOST_PROPRIETARY:
            return False
        update, proprietary = answer[MAC_BYTES : MAC_BYTES + CSU_BYTES], answer[MAC_BYTES + CSU_BYTES :]
        return compare_digest(arpc_method_2(self.key(mk_ac, data), arqc, update, proprietary), answer[:MAC_BYTES])


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Payments so fast that the card is gone before its issuer could answer."""

    def make(self, mk_ac: bytes, data: AcData, arqc: bytes, approved: bool, arc: bytes | None) -> bytes:
        """Nothing."""
        return b""

    def check(self, mk_ac: bytes, data: AcData, arqc: bytes, answer: bytes) -> bool:
        """No answer is right."""
        return False
