"""From an issuer's master keys to a card's, and from those to keys of one transaction (EMV Book 2 A1; G.1, G.2)."""

from __future__ import annotations

from hashlib import sha1
from typing import Literal

from countertop.emv.des import encrypt, odd_parity, xor

_ONES = b"\xff" * 8
_DIGITS_OF_A = 16
_LETTERS = str.maketrans("abcdef", "012345")
_LEFT, _RIGHT = b"\xf0", b"\x0f"


def icc_master_key(imk: bytes, pan: str, psn: str | None = None, option: Literal["A", "B"] = "A") -> bytes:
    """A card's master key, 16 bytes, from its issuer's.

    ``psn``: two digits; None, for a card without a sequence number, counts as 00.  ``option``: how a PAN is made to
    fit (EMV Book 2 A1.4); B differs from A for PANs of more than 16 digits only.  The key has odd parity, as security
    modules set it: Visa's block for a new PIN takes it as data, so that both sides need the same bits.
    """
    digits = pan + (psn or "00")
    if option == "B" and len(pan) > _DIGITS_OF_A:
        diversifier = _hashed(digits)
    else:
        diversifier = digits[-_DIGITS_OF_A:].rjust(_DIGITS_OF_A, "0")
    y = bytes.fromhex(diversifier)
    return odd_parity(encrypt(imk, y + xor(y, _ONES)))


def csk(mk: bytes, r: bytes) -> bytes:
    """EMV's common session key, 16 bytes, from 8 that are never the same twice.  Their third byte tells the halves."""
    return encrypt(mk, r[:2] + _LEFT + r[3:8] + r[:2] + _RIGHT + r[3:8])


def session_key_common(mk: bytes, atc: bytes) -> bytes:
    """The key of a transaction's cryptograms as EMV has it, from the counter alone (Book 2 A1.3)."""
    return csk(mk, atc + bytes(6))


def session_key_mastercard(mk: bytes, atc: bytes, un: bytes) -> bytes:
    """The same as Mastercard has it of old (SKD), from the counter and the terminal's unpredictable number."""
    return csk(mk, atc + bytes(2) + un)


def script_key_common(mk: bytes, ac: bytes, number: int = 0) -> bytes:
    """A key for scripts, from the transaction's first cryptogram; the ``number``-th further command has its own."""
    return csk(mk, following(ac, number))


def script_key_visa(mk: bytes, atc: bytes) -> bytes:
    """A key for scripts as Visa has it of old: the counter laid over the right end of both halves."""
    return xor(mk, bytes(6) + atc + bytes(6) + xor(atc, b"\xff\xff"))


def following(ac: bytes, number: int) -> bytes:
    """A cryptogram counted on by ``number``: what stands for it in the following script commands of M/Chip."""
    return ((int.from_bytes(ac, "big") + number) % 2**64).to_bytes(8, "big")


def _hashed(digits: str) -> str:
    """16 digits out of the hash of more: its decimal ones first, then its letters, A as 0."""
    hashed = sha1(bytes.fromhex(digits.rjust(len(digits) + len(digits) % 2, "0"))).hexdigest()
    found = "".join(digit for digit in hashed if digit.isdecimal())
    letters = "".join(digit for digit in hashed if not digit.isdecimal()).translate(_LETTERS)
    return (found + letters)[:_DIGITS_OF_A]
