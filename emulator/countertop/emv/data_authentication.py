"""Signatures of issuers and cards: static, dynamic, combined with a cryptogram (EMV Book 2 §5.4, §6.5, §6.6; G.6).

And the PIN that goes to the card under its key (§7).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha1

from countertop.emv.certificates import (
    DYNAMIC,
    FILL,
    HASH_BYTES,
    SHA1,
    STATIC,
    CertificateError,
    check_hash,
    recover_block,
    sign_block,
)
from countertop.emv.rsa import PrivateKey, PublicKey

PIN_HEADER = b"\x7f"
PIN_BYTES = CHALLENGE_BYTES = 8
SHORTEST_NUMBER, LONGEST_NUMBER = 2, 8
CRYPTOGRAM_BYTES = 8
# Bytes of a block that are not padding, without what it says.
_STATIC_OVERHEAD, _DYNAMIC_OVERHEAD = 26, 25
_PIN_OVERHEAD = len(PIN_HEADER) + PIN_BYTES + CHALLENGE_BYTES
# CID, cryptogram and hash behind the card's number.
_COMBINED_BYTES = 1 + CRYPTOGRAM_BYTES + HASH_BYTES


@dataclass(frozen=True, slots=True)
class Combined:
    """What a combined signature says: the card's dynamic number, the CID and the cryptogram."""

    idn: bytes
    cid: int
    ac: bytes


def sign_static(issuer: PrivateKey, dac: bytes, static_data: bytes) -> bytes:
    """The issuer's signature on a card's records, tag 93.  ``dac``: the data authentication code, 2 bytes."""
    content = bytes((STATIC, SHA1)) + dac + FILL * (issuer.size - _STATIC_OVERHEAD)
    return sign_block(issuer, content, static_data)


def verify_static(issuer: PublicKey, signed: bytes, static_data: bytes) -> bytes:
    """The data authentication code (tag 9F45) in a static signature that holds.  Raises CertificateError."""
    block = recover_block(issuer, signed, STATIC, _STATIC_OVERHEAD)
    _demand_sha1(block)
    check_hash(block, static_data)
    return block[3:5]


def sign_dynamic(icc: PrivateKey, icc_dynamic_number: bytes, ddol_data: bytes) -> bytes:
    """A card's answer to what a terminal drew, tag 9F4B.  ``icc_dynamic_number``: 2 to 8 bytes."""
    return _sign(icc, _counted(icc_dynamic_number), ddol_data)


def verify_dynamic(icc: PublicKey, signed: bytes, ddol_data: bytes) -> bytes:
    """The card's dynamic number (tag 9F4C) in a signature that holds.  Raises CertificateError."""
    number, _ = _number(recover_dynamic(icc, signed, ddol_data))
    return number


def sign_combined(
    icc: PrivateKey, icc_dynamic_number: bytes, cid: int, ac: bytes, tdhc_input: bytes, un: bytes
) -> bytes:
    """A card's signature on its cryptogram, tag 9F4B.

    ``tdhc_input``: the values that the terminal sent by PDOL and CDOLs, then the objects of the card's answer without
    this one.  ``un``: the terminal's unpredictable number, 9F37.
    """
    said = _counted(icc_dynamic_number) + bytes((cid,)) + ac + sha1(tdhc_input).digest()
    return _sign(icc, said, un)


def verify_combined(icc: PublicKey, signed: bytes, un: bytes, tdhc_input: bytes) -> Combined:
    """What a combined signature says, if it holds.  Raises CertificateError."""
    number, rest = _number(recover_dynamic(icc, signed, un))
    if len(rest) < _COMBINED_BYTES:
        raise CertificateError("there is no cryptogram in it")
    ac, told = rest[1 : 1 + CRYPTOGRAM_BYTES], rest[1 + CRYPTOGRAM_BYTES : _COMBINED_BYTES]
    if sha1(tdhc_input).digest() != told:
        raise CertificateError("its hash differs from the transaction's")
    return Combined(number, rest[0], ac)


def recover_dynamic(icc: PublicKey, signed: bytes, covered: bytes) -> bytes:
    """The dynamic data in a card's signature whose own hash holds.  Raises CertificateError."""
    block = recover_block(icc, signed, DYNAMIC, _DYNAMIC_OVERHEAD)
    _demand_sha1(block)
    check_hash(block, covered)
    length = block[3]
    if length > len(block) - _DYNAMIC_OVERHEAD:
        raise CertificateError(f"it says {length} bytes of dynamic data, more than it has")
    return block[4 : 4 + length]


def encipher_pin(icc: PublicKey, pin_block: bytes, challenge: bytes, random: Callable[[int], bytes]) -> bytes:
    """A PIN for VERIFY (P2 88).  ``pin_block``: format 2.  ``challenge``: the card's 8 bytes.

    Raises CertificateError for a key that is too small.
    """
    if icc.size < _PIN_OVERHEAD:
        raise CertificateError(f"a key of {icc.size} bytes is too short for a PIN")
    try:
        return icc.apply(PIN_HEADER + pin_block + challenge + random(icc.size - _PIN_OVERHEAD))
    except ValueError as error:
        raise CertificateError(str(error)) from None


def decipher_pin(icc: PrivateKey, data: bytes) -> tuple[bytes, bytes]:
    """The PIN block and the challenge in an enciphered PIN.  Raises CertificateError for what is none."""
    if len(data) != icc.size:
        raise CertificateError(f"it has {len(data)} bytes, the key {icc.size}")
    try:
        block = icc.sign(data)
    except ValueError as error:
        raise CertificateError(str(error)) from None
    if not block.startswith(PIN_HEADER):
        raise CertificateError("it was not enciphered with this key: no 7F in it")
    return block[1 : 1 + PIN_BYTES], block[1 + PIN_BYTES : _PIN_OVERHEAD]


def _sign(icc: PrivateKey, said: bytes, covered: bytes) -> bytes:
    content = bytes((DYNAMIC, SHA1, len(said))) + said + FILL * (icc.size - len(said) - _DYNAMIC_OVERHEAD)
    return sign_block(icc, content, covered)


def _counted(number: bytes) -> bytes:
    return bytes((len(number),)) + number


def _number(dynamic_data: bytes) -> tuple[bytes, bytes]:
    """The card's number, and what stands behind it."""
    length = dynamic_data[0] if dynamic_data else 0
    if not SHORTEST_NUMBER <= length <= min(LONGEST_NUMBER, len(dynamic_data) - 1):
        raise CertificateError("there is no dynamic number in it")
    return dynamic_data[1 : 1 + length], dynamic_data[1 + length :]


def _demand_sha1(block: bytes) -> None:
    if block[2] != SHA1:
        raise CertificateError(f"its hash algorithm {block[2]:02X} is not SHA-1")
