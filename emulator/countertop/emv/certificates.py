"""Certificates of issuers' and cards' public keys: how they are issued, and what a terminal recovers (EMV Book 2 §6.3,
§6.4; G.6).

A certificate is a signed block: 6A, a format, what it says, a hash, BC.  It holds as much of the key as has room; the
rest of the modulus stands beside it, in the clear, and the hash covers it.
"""

from __future__ import annotations

from hashlib import sha1

from countertop.emv.rsa import PrivateKey, PublicKey, exponent_bytes

HEADER, TRAILER, FILL = b"\x6a", b"\xbc", b"\xbb"
ISSUER, STATIC, CARD, DYNAMIC = 2, 3, 4, 5
"""Formats of signed blocks."""
SHA1, RSA = 1, 1
HASH_BYTES = 20
EXPONENTS = (b"\x03", b"\x01\x00\x01")
CENTURY_TURNS = 50
"""Two digits of a year from here on are of the last century (Book 4 §6.7.3)."""
# Bytes of a certificate that are not the key.
ISSUER_OVERHEAD, CARD_OVERHEAD = 36, 42
_ISSUER_ID, _CARD_PAN = 4, 10


class CertificateError(ValueError):
    """A certificate or signature that does not hold; says why, in words."""


def issue_issuer_certificate(
    ca: PrivateKey, issuer: PublicKey, identifier: str, expiry: str, serial: bytes
) -> tuple[bytes, bytes]:
    """An issuer's certificate (tag 90) and the rest of its modulus (92, may be empty).

    ``identifier``: 3 to 8 digits that its PANs begin with.  ``expiry``: MMYY.  ``serial``: 3 bytes.
    """
    owner = bytes.fromhex(identifier.ljust(2 * _ISSUER_ID, "F"))
    return _issue(ca, issuer, ISSUER, owner, expiry, serial, ISSUER_OVERHEAD, b"")


def issue_icc_certificate(
    issuer: PrivateKey, icc: PublicKey, pan: str, expiry: str, serial: bytes, static_data: bytes
) -> tuple[bytes, bytes]:
    """A card's certificate (tag 9F46, for a PIN key 9F2D) and the rest of its modulus (9F48, 9F2F; may be empty).

    ``static_data``: what of the card's records it covers; nothing for a PIN key.
    """
    owner = bytes.fromhex(pan.ljust(2 * _CARD_PAN, "F"))
    return _issue(issuer, icc, CARD, owner, expiry, serial, CARD_OVERHEAD, static_data)


def recover_issuer_key(
    ca: PublicKey, certificate: bytes, remainder: bytes, exponent: bytes, pan: str, today: str
) -> PublicKey:
    """The issuer's key in a certificate.  ``exponent``: tag 9F32.  ``today``: YYMMDD.  Raises CertificateError."""
    block = recover_block(ca, certificate, ISSUER, ISSUER_OVERHEAD)
    said = _Said(block, _ISSUER_ID, remainder, exponent, b"")
    digits = said.owner.rstrip("f")
    if not 3 <= len(digits) <= 2 * _ISSUER_ID or not pan.startswith(digits):
        raise CertificateError("the certificate is of another issuer")
    return said.key(today)


def recover_icc_key(
    issuer: PublicKey, certificate: bytes, remainder: bytes, exponent: bytes, pan: str, today: str, static_data: bytes
) -> PublicKey:
    """The card's key in a certificate.  ``exponent``: 9F47 or 9F2E.  ``today``: YYMMDD.  Raises CertificateError."""
    block = recover_block(issuer, certificate, CARD, CARD_OVERHEAD)
    said = _Said(block, _CARD_PAN, remainder, exponent, static_data)
    if said.owner.rstrip("f") != pan:
        raise CertificateError("the certificate is of another card")
    return said.key(today)


def sign_block(key: PrivateKey, content: bytes, covered: bytes) -> bytes:
    """Sign a block whose content begins with its format; the hash covers the content and ``covered``."""
    return key.sign(HEADER + content + sha1(content + covered).digest() + TRAILER)


def recover_block(key: PublicKey, signed: bytes, form: int, shortest: int) -> bytes:
    """What was signed, if it is a block of this format; its hash is yet to be checked.  Raises CertificateError.

    ``shortest``: bytes of a block that says nothing.
    """
    if len(signed) != key.size:
        raise CertificateError(f"it has {len(signed)} bytes, the key {key.size}")
    if key.size < shortest:
        raise CertificateError(f"a key of {key.size} bytes is too short to sign this")
    try:
        block = key.apply(signed)
    except ValueError as error:
        raise CertificateError(str(error)) from None
    if not (block.startswith(HEADER) and block.endswith(TRAILER)):
        raise CertificateError("it was not made with this key: no 6A … BC in it")
    if block[1] != form:
        raise CertificateError(f"it is a block of format {block[1]:02X}, not {form:02X}")
    return block


def check_hash(block: bytes, covered: bytes) -> None:
    """Compare the hash in a recovered block.  Raises CertificateError."""
    content, told = block[1 : -HASH_BYTES - 1], block[-HASH_BYTES - 1 : -1]
    if sha1(content + covered).digest() != told:
        raise CertificateError("its hash differs from the data's")


class _Said:
    """What a recovered certificate says, its hash checked."""

    def __init__(self, block: bytes, owner: int, remainder: bytes, exponent: bytes, static_data: bytes) -> None:
        check_hash(block, remainder + exponent + static_data)
        at = 2 + owner
        self.owner = block[2:at].hex()
        self.expiry = block[at : at + 2].hex()
        self.hash, self.algorithm, self.length, self.exponent_length = block[at + 5 : at + 9]
        self.part = block[at + 9 : -HASH_BYTES - 1]
        self.remainder, self.exponent = remainder, exponent

    def key(self, today: str) -> PublicKey:
        """The key, if it is one and may be used today.  Raises CertificateError."""
        month, year = self.expiry[:2], self.expiry[2:]
        if not self.expiry.isdecimal() or not "01" <= month <= "12":
            raise CertificateError(f"its expiry {self.expiry} is no month")
        if _full_year(year) + month < _full_year(today[:2]) + today[2:4]:
            raise CertificateError(f"it expired after {month}/{year}")
        if (self.hash, self.algorithm) != (SHA1, RSA):
            raise CertificateError(f"its algorithms {self.hash:02X} and {self.algorithm:02X} are not SHA-1 and RSA")
        if self.exponent not in EXPONENTS or len(self.exponent) != self.exponent_length:
            raise CertificateError("its exponent is neither 3 nor 65537")
        if len(self.remainder) != max(self.length - len(self.part), 0):
            raise CertificateError(f"{len(self.remainder)} bytes of the modulus stand beside it, that is not the rest")
        modulus = (self.part + self.remainder)[: self.length]
        key = PublicKey(int.from_bytes(modulus, "big"), int.from_bytes(self.exponent, "big"))
        if not modulus or modulus[0] == 0 or modulus[-1] & 1 == 0:
            raise CertificateError("its modulus is none")
        return key


def _issue(
    signer: PrivateKey,
    key: PublicKey,
    form: int,
    owner: bytes,
    expiry: str,
    serial: bytes,
    overhead: int,
    static_data: bytes,
) -> tuple[bytes, bytes]:
    modulus, exponent, room = key.modulus_bytes, exponent_bytes(key.exponent), signer.size - overhead
    part, remainder = modulus[:room].ljust(room, FILL), modulus[room:]
    numbers = bytes((SHA1, RSA, len(modulus), len(exponent)))
    content = bytes((form,)) + owner + bytes.fromhex(expiry) + serial + numbers + part
    return sign_block(signer, content, remainder + exponent + static_data), remainder


def _full_year(two_digits: str) -> str:
    return ("19" if int(two_digits) >= CENTURY_TURNS else "20") + two_digits
