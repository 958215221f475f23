"""Personalisation by the issuer: a card's keys and certificates, from the pool of test keys (EMV Book 2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from countertop.cards.chip.files import CERTIFICATE_FILE, Record
from countertop.cards.chip.profile import ApplicationProfile, ChipProfile
from countertop.emv.certificates import issue_icc_certificate, issue_issuer_certificate
from countertop.emv.cvv import icvv
from countertop.emv.data_authentication import sign_static
from countertop.emv.issuer_keys import pool
from countertop.emv.keys import icc_master_key
from countertop.emv.rsa import PrivateKey, exponent_bytes
from countertop.emv.tlv import join

ISSUER_DIGITS = 8
CERTIFICATE_YEARS = 10
"""Certificates outlive the card, so that an expired card is nothing but that."""
SERIAL = bytes.fromhex("000001")
_NO_PVV = "00000"
_TRACK_2_DIGITS = 37


@dataclass(frozen=True, slots=True)
class CardKeys:
    """The secrets of an application: master keys, the key that it signs with, and the one that PINs come under.

    ``cvc3``: for the codes of kernel 2's mag-stripe mode.
    """

    ac: bytes = field(repr=False)
    smi: bytes = field(repr=False)
    smc: bytes = field(repr=False)
    cvc3: bytes = field(repr=False)
    icc: PrivateKey | None = field(repr=False)
    pin: PrivateKey | None = field(repr=False)


def keys_of(profile: ChipProfile, application: ApplicationProfile) -> CardKeys:
    """Derive the master keys, and take RSA keys from the pool where the application uses any."""
    keys, number = pool(), int(profile.card.number[-6:]) + application.priority - 1
    icc = keys.icc(number % keys.icc_count) if application.signs else None
    pin = icc or (keys.pin_key(number % keys.pin_count) if application.deciphers_pins else None)
    ac, smi, smc, cvc3 = (master_key(application.keys, use, profile) for use in ("ac", "smi", "smc", "cvc3"))
    return CardKeys(ac, smi, smc, cvc3, icc, pin)


def certificates_of(
    profile: ChipProfile, application: ApplicationProfile, year: int, keys: CardKeys, static_data: bytes
) -> tuple[Record, ...]:
    """The records with certificates and static signature, none for a card that has no use for them."""
    if application.auth == "none" and keys.pin is None:
        return ()
    ca_key, _ = pool().ca(application.scheme)
    issuer = pool().issuer(application.keys)
    pan, expiry = profile.card.number, f"12{(year + CERTIFICATE_YEARS) % 100:02d}"
    certificate, remainder = _issuer_certificate(application.scheme, application.keys, pan[:ISSUER_DIGITS], expiry)
    # The certificate of a key of 1984 bits fills an answer by itself.
    records = [[(0x90, certificate)], [(0x8F, bytes((ca_key.index,))), (0x9F32, exponent_bytes(issuer.exponent))]]
    if remainder:
        records[1].append((0x92, remainder))
    if application.auth == "sda":
        records.append([(0x93, sign_static(issuer, authentication_code(profile, application), static_data))])
    if keys.icc is not None:
        signed = issue_icc_certificate(issuer, keys.icc.public, pan, expiry, SERIAL, static_data)
        records.append(_card_certificate(keys.icc, signed, (0x9F46, 0x9F47, 0x9F48)))
    elif keys.pin is not None:
        signed = issue_icc_certificate(issuer, keys.pin.public, pan, expiry, SERIAL, b"")
        records.append(_card_certificate(keys.pin, signed, (0x9F2D, 0x9F2E, 0x9F2F)))
    return tuple(Record(CERTIFICATE_FILE, number, join(objects)) for number, objects in enumerate(records, 1))


@lru_cache(maxsize=256)
def _issuer_certificate(scheme: str, keys: str, digits: str, expiry: str) -> tuple[bytes, bytes]:
    """The same for all cards of an issuer, and dear: the authority signs with its long key."""
    return issue_issuer_certificate(pool().ca(scheme)[1], pool().issuer(keys).public, digits, expiry, SERIAL)


def master_key(issuer: str, use: str, profile: ChipProfile) -> bytes:
    """A card's master key of a use (``ac``, ``smi``, ``smc`` …), as its issuer derives it too."""
    return icc_master_key(pool().imk(issuer, use), profile.card.number, f"{profile.psn:02d}")


def authentication_code(profile: ChipProfile, application: ApplicationProfile) -> bytes:
    """The data authentication code of static signatures, tag 9F45."""
    return master_key(application.keys, "dac", profile)[:2]


def track_2_equivalent(profile: ChipProfile, application: ApplicationProfile, year: int) -> bytes:
    """Tag 57.  Its discretionary digits: no PVV, then the iCVV, which differs from the stripe's CVV."""
    month, expires = profile.card.expiry(year)
    pan, yymm = profile.card.number, f"{expires % 100:02d}{month:02d}"
    value = icvv(pool().imk(application.keys, "cvk"), pan, yymm)
    digits = f"{pan}D{yymm}{application.service_code}{_NO_PVV}{value}"[:_TRACK_2_DIGITS]
    return bytes.fromhex(digits + "F" * (len(digits) % 2))


def _card_certificate(
    key: PrivateKey, signed: tuple[bytes, bytes], tags: tuple[int, int, int]
) -> list[tuple[int, bytes]]:
    certificate, remainder = signed
    objects = [(tags[0], certificate), (tags[1], exponent_bytes(key.exponent))]
    if remainder:
        objects.append((tags[2], remainder))
    return objects
