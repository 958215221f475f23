"""Images with a defect: the faults that are in a card's files rather than in its behaviour."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from countertop.cards.card import EXPIRY_YEARS_AHEAD
from countertop.cards.chip.faults import Faults
from countertop.cards.chip.image import ApplicationImage, ChipImage, image_of
from countertop.emv.tlv import find

# Of the card's key, static signature, of its key for PINs.
_CERTIFICATES = (0x9F46, 0x93, 0x9F2D)


def spoiled(image: ChipImage, faults: Faults) -> ChipImage:
    """The image as these faults leave it."""
    if "expired" in faults:
        image = image_of(image.profile, image.year - EXPIRY_YEARS_AHEAD - 1, over_the_air=image.over_the_air)
    if "wrong_certificate" in faults:
        image = replace(image, applications=tuple(map(_with_wrong_certificate, image.applications)))
    if "bad_atr" in faults:
        profile = image.profile
        # An ATS has no check byte; one that is cut off is as bad.
        damaged = replace(profile, atr=_with_wrong_check(profile.atr), ats=profile.ats[:-1])
        image = replace(image, profile=damaged)
    return image


def _with_wrong_certificate(application: ApplicationImage) -> ApplicationImage:
    """The card's own certificate, or what it has instead, is another one, as if from a forger."""
    for tag in _CERTIFICATES:
        for place, record in application.records.items():
            certificate = find(record, tag)
            if certificate is not None:
                forged = record.replace(certificate, bytes(byte ^ 0xFF for byte in certificate))
                return replace(application, records=MappingProxyType(dict(application.records) | {place: forged}))
    return application


def _with_wrong_check(atr: bytes) -> bytes:
    """A TD1 that names T=1 calls for a check byte; this one is wrong."""
    return atr[:-1] + bytes((atr[-1] ^ 0xFF,)) if atr[1] & 0x80 else atr + b"\x00"
