"""What a terminal reads of a card: file control information, the directory, and the records of an application.

Layout: file 1 holds the track data, file 2 what is signed and then the lists of objects that the card asks for, file 3
the certificates (:mod:`countertop.cards.chip.issuing`); file 11 is the log, file 21 the issuer's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from countertop.cards.chip.profile import ApplicationProfile, ChipProfile
from countertop.emv.tlv import join, make

PSE = b"1PAY.SYS.DDF01"
DIRECTORY_FILE = 1
TRACK_FILE, DATA_FILE, CERTIFICATE_FILE, LOG_FILE, ISSUER_FILE = 1, 2, 3, 11, 21
MOST_DATA = 254
"""Bytes of a response without its status: 256 in all (EMV Book 3 §6.5.11)."""
LOG_FORMAT = bytes.fromhex("9A039C015F2A029F02069F3602")
"""What a log entry consists of, tag 9F4F."""
_LATIN_1 = b"\x01"
_CONFIRM = 0x80


@dataclass(frozen=True, slots=True)
class Record:
    """A record in template 70.  ``content``: the template's value.  ``signed``: whether signatures cover it."""

    sfi: int
    number: int
    content: bytes
    signed: bool = False

    @property
    def encoded(self) -> bytes:
        """The record as READ RECORD answers it."""
        return make(0x70, self.content)


def fci_of(application: ApplicationProfile) -> bytes:
    """The answer to SELECT of an application, template 6F."""
    objects = [(0x50, application.label.encode()), (0x87, _priority(application))]
    if application.pdol:
        objects.append((0x9F38, application.pdol))
    objects.append((0x5F2D, application.languages.encode()))
    if application.preferred_name:
        objects += [(0x9F11, _LATIN_1), (0x9F12, application.preferred_name.encode())]
    objects.append((0xBF0C, make(0x9F4D, bytes((LOG_FILE, 10)))))
    return make(0x6F, make(0x84, application.aid) + make(0xA5, join(objects)))


def directory_fci(profile: ChipProfile) -> bytes:
    """The answer to SELECT of the directory."""
    languages = profile.applications[0].languages.encode()
    objects = join([(0x88, bytes((DIRECTORY_FILE,))), (0x5F2D, languages), (0x9F11, _LATIN_1)])
    return make(0x6F, make(0x84, PSE) + make(0xA5, objects))


def directory_of(profile: ChipProfile) -> tuple[bytes, ...]:
    """The records of the directory, one for each application."""
    return tuple(make(0x70, make(0x61, entry_of(application))) for application in profile.applications)


def records_of(profile: ChipProfile, application: ApplicationProfile, year: int, track_2: bytes) -> tuple[Record, ...]:
    """The records without the certificates.  ``track_2``: tag 57."""
    return (
        Record(TRACK_FILE, 1, join(track_objects(profile, track_2))),
        Record(DATA_FILE, 1, join(signed_objects(profile, application, year)), signed=application.auth != "none"),
        Record(DATA_FILE, 2, join(object_lists(application))),
    )


def locator(records: Iterable[Record]) -> bytes:
    """The application file locator, tag 94: the files in order, signed records first in each."""
    entries = b""
    for sfi, group in groupby(records, key=lambda record: record.sfi):
        inside = tuple(group)
        signed = sum(record.signed for record in inside)
        entries += bytes((sfi << 3, inside[0].number, inside[-1].number, signed))
    return entries


def locator_entry(sfi: int, number: int) -> bytes:
    """The entry of a single record that nothing signs."""
    return bytes((sfi << 3, number, number, 0))


def packed_pan(number: str) -> bytes:
    """The PAN as tag 5A has it: two digits a byte, padded with F."""
    return bytes.fromhex(number + "F" * (len(number) % 2))


def entry_of(application: ApplicationProfile) -> bytes:
    """An application in a directory, the value of template 61."""
    objects = [(0x4F, application.aid), (0x50, application.label.encode()), (0x87, _priority(application))]
    if application.preferred_name:
        objects.append((0x9F12, application.preferred_name.encode()))
    return join(objects)


def _priority(application: ApplicationProfile) -> bytes:
    return bytes((application.priority | (_CONFIRM if application.confirm else 0),))


def track_objects(profile: ChipProfile, track_2: bytes) -> list[tuple[int, bytes]]:
    """The track, and the holder's name where the card has it."""
    objects = [(0x57, track_2)]
    if profile.card.cardholder_name:
        objects.append((0x5F20, profile.card.cardholder_name.encode("ascii", "replace")[:26].ljust(2)))
    return objects


def signed_objects(profile: ChipProfile, application: ApplicationProfile, year: int) -> list[tuple[int, bytes]]:
    """What signatures cover, where there are any."""
    month, expires = profile.card.expiry(year)
    last_day = 31 if month == 12 else 28
    objects = [
        (0x5A, packed_pan(profile.card.number)),
        (0x5F34, bytes.fromhex(f"{profile.psn:02d}")),
        (0x5F24, bytes.fromhex(f"{expires % 100:02d}{month:02d}{last_day:02d}")),
        (0x5F25, bytes.fromhex(f"{(year - 1) % 100:02d}0101")),
        (0x5F28, application.country),
        (0x5F30, bytes.fromhex(application.service_code.rjust(4, "0"))),
        (0x8E, application.cvm_list),
        (0x9F07, application.auc),
        (0x9F08, application.version),
        (0x9F0D, application.iac_default),
        (0x9F0E, application.iac_denial),
        (0x9F0F, application.iac_online),
        (0x9F42, application.currency),
        (0x9F44, bytes((application.exponent,))),
    ]
    if application.auth != "none":
        objects.append((0x9F4A, b"\x82"))
    return objects


def object_lists(application: ApplicationProfile) -> list[tuple[int, bytes]]:
    """What the card wants to be told, and its limits."""
    objects = [(0x8C, application.cdol1), (0x8D, application.cdol2)]
    if application.signs:
        objects.append((0x9F49, application.ddol))
    for tag, limit in ((0x9F14, application.lower_limit), (0x9F23, application.upper_limit)):
        if limit is not None:
            objects.append((tag, bytes((limit,))))
    return objects
