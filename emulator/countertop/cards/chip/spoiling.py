"""Images with a defect: the faults that are in a card's files rather than in its behaviour."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from countertop.cards.card import EXPIRY_YEARS_AHEAD
from countertop.cards.chip.faults import Faults
from countertop.cards.chip.files import CERTIFICATE_FILE
from countertop.cards.chip.image import ApplicationImage, ChipImage, image_of


def spoiled(image: ChipImage, faults: Faults) -> ChipImage:
    """The image as these faults leave it."""
    if "expired" in faults:
        image = image_of(image.profile, image.year - EXPIRY_YEARS_AHEAD - 1)
    if "wrong_certificate" in faults:
        image = replace(image, applications=tuple(map(_with_wrong_certificate, image.applications)))
    if "bad_atr" in faults:
        atr = image.profile.atr
        image = replace(image, profile=replace(image.profile, atr=_with_wrong_check(atr)))
    return image


def _with_wrong_certificate(application: ApplicationImage) -> ApplicationImage:
    """The last certificate or signature of the card is another, as if from a forger."""
    places = [place for place in application.records if place[0] == CERTIFICATE_FILE]
    if not places:
        return application
    place = max(places)
    record = bytearray(application.records[place])
    # In the middle of the record is the middle of the one long object in it.
    record[len(record) // 2] ^= 0xFF
    return replace(application, records=MappingProxyType(dict(application.records) | {place: bytes(record)}))


def _with_wrong_check(atr: bytes) -> bytes:
    """A TD1 that names T=1 calls for a check byte; this one is wrong."""
    return atr[:-1] + bytes((atr[-1] ^ 0xFF,)) if atr[1] & 0x80 else atr + b"\x00"
