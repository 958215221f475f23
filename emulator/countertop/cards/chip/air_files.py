"""What a contactless reader reads of a card: its directory, and the records of an application (card-hardware.md F)."""

from __future__ import annotations

from collections.abc import Sequence

from countertop.cards.chip.files import (
    DATA_FILE,
    TRACK_FILE,
    Record,
    entry_of,
    object_lists,
    signed_objects,
    track_objects,
)
from countertop.cards.chip.profile import ApplicationProfile, ChipProfile
from countertop.emv.dynamic_track import Places
from countertop.emv.tlv import join, make

PPSE = b"2PAY.SYS.DDF01"
PLACES = Places(pcvc3=0x0380, punatc=0x007E, natc=3)
"""Where the one-time digits of kernel 2's mag-stripe mode go: of the track's last ten digits three for the code, three
for the counter, three for the unpredictable number, and how many those are."""
_EMPTY_DIGITS = "0" * 10


def ppse_of(applications: Sequence[ApplicationProfile]) -> bytes:
    """The answer to SELECT of the directory for contactless payments, which may have no entries."""
    entries = b"".join(make(0x61, entry_of(application) + _kernel(application)) for application in applications)
    return make(0x6F, make(0x84, PPSE) + make(0xA5, make(0xBF0C, entries)))


def air_records_of(
    profile: ChipProfile, application: ApplicationProfile, year: int, track_2: bytes
) -> tuple[Record, ...]:
    """The records without the certificates.  ``track_2``: tag 57."""
    assert application.air is not None, "an application over the air has a profile for it"
    match application.air.style:
        case "generate_ac":
            told = [*object_lists(application), *profile.device_objects]
            return (
                Record(TRACK_FILE, 1, join(track_objects(profile, track_2))),
                Record(DATA_FILE, 1, join(signed_objects(profile, application, year)), application.auth != "none"),
                Record(DATA_FILE, 2, join(told)),
            )
        case "options":
            # The answer to GET PROCESSING OPTIONS has the track.
            signed = [entry for entry in signed_objects(profile, application, year) if entry[0] in _OF_OPTIONS]
            return (Record(DATA_FILE, 1, join(signed), signed=True),) if application.auth != "none" else ()
        case "stripe":
            return (Record(TRACK_FILE, 1, join(_track_of_stripe_mode(profile, application, year))),)


_OF_OPTIONS = frozenset((0x5A, 0x5F24, 0x5F25, 0x5F28, 0x9F07, 0x9F4A))


def stripe_mode_track(profile: ChipProfile, application: ApplicationProfile, year: int) -> bytes:
    """The track of kernel 2's mag-stripe mode, tag 9F6B, before anything is written into it."""
    month, expires = profile.card.expiry(year)
    text = f"{profile.card.number}D{expires % 100:02d}{month:02d}{application.service_code}{_EMPTY_DIGITS}"
    return bytes.fromhex(text + "F" * (len(text) % 2))


def _track_of_stripe_mode(profile: ChipProfile, application: ApplicationProfile, year: int) -> list[tuple[int, bytes]]:
    return [
        (0x9F6B, stripe_mode_track(profile, application, year)),
        (0x9F65, PLACES.pcvc3.to_bytes(2, "big")),
        (0x9F66, PLACES.punatc.to_bytes(2, "big")),
        (0x9F67, bytes((PLACES.natc,))),
    ]


def _kernel(application: ApplicationProfile) -> bytes:
    assert application.air is not None, "an application over the air has a profile for it"
    return make(0x9F2A, application.air.kernel)
