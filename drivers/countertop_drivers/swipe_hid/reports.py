"""Input reports of HID swipe readers: MagTek's layout, its encrypting relatives', ID TECH's (card-hardware.md D.3).

A report is one pass of a card.  The layouts are told apart by their length.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from countertop_drivers.errors import ProtocolError
from countertop_drivers.link import NO_TRACKS, Swipe, Tracks
from countertop_drivers.tracks import END, inner

#: MagTek 0801:0002, and ID TECH's "other mode".
PLAIN_SIZE, PLAIN_AT, PLAIN_ROOM = 337, 7, 110
#: ID TECH's own mode.
OWN_SIZE, OWN_TOTAL_AT, OWN_AT = 509, 7, 9
#: MagnePrint and MagneSafe: the tracks are enciphered, and stand once more with most digits masked.
SECURE_SIZE, MASKED_LENGTHS_AT, MASKED_AT, MASKED_ROOM = 844, 505, 508, 112
SERIAL, KEY_SERIAL = slice(477, 493), slice(495, 505)
MAGTEK, ID_TECH = 0x0801, 0x0ACD
_ENCODINGS = ("ISO/ABA", "AAMVA", "CADL", "blank", "other", "undetermined", "none", "JIS II")
_ID_TECH_ENCODINGS = ("ISO/ABA", "AAMVA", "CADL", "other", "raw")


@dataclass(frozen=True, slots=True)
class Report:
    """One pass.  ``tracks``: texts with sentinels; None where nothing is.  ``errors``: by track, could not be read.

    ``masked``: digits of the texts are not the card's own.  ``serial`` and ``key_serial`` are an encrypting
    reader's: its own number, and the DUKPT key's.
    """

    tracks: Tracks = field(default=NO_TRACKS, repr=False)
    errors: tuple[bool, bool, bool] = (False, False, False)
    encoding: int = 0
    masked: bool = False
    serial: bytes = b""
    key_serial: bytes = b""

    def encoding_words(self, vendor: int = MAGTEK) -> str:
        """What the reader took the card for; vendors number it differently."""
        names = _ID_TECH_ENCODINGS if vendor == ID_TECH else _ENCODINGS
        return names[self.encoding] if self.encoding < len(names) else f"unknown ({self.encoding})"

    def swipe(self) -> Swipe:
        """The pass as every reader gives it.  ``method`` is ``masked`` when the digits are not the card's own."""
        problems: list[str] = []

        def text(number: int) -> bytes | None:
            found = self.tracks[number - 1]
            if self.errors[number - 1]:
                problems.append(f"Track {number} could not be read.")
                return None
            if found is None:
                return None
            try:
                return _unmasked(found, number) if self.masked else inner(found, number)
            except ProtocolError as error:
                problems.append(error.message)
                return None

        tracks = text(1), text(2), text(3)
        if tracks == NO_TRACKS and not problems:
            problems.append("There was nothing on the card.")
        return Swipe(tracks, "masked" if self.masked else "iso", " ".join(problems))


def parse(report: bytes) -> Report:
    """Read a whole report.  Raises ProtocolError for a length that no layout has, and for tracks beyond their room."""
    if len(report) == PLAIN_SIZE:
        tracks = _fixed(report, 3, PLAIN_AT, PLAIN_ROOM)
    elif len(report) == OWN_SIZE:
        tracks = _running(report)
    elif len(report) >= SECURE_SIZE:
        return Report(
            _fixed(report, MASKED_LENGTHS_AT, MASKED_AT, MASKED_ROOM),
            _errors(report),
            report[6],
            True,
            report[SERIAL].rstrip(b"\0"),
            report[KEY_SERIAL],
        )
    else:
        raise ProtocolError(f"{len(report)} bytes are no report of a swipe reader.")
    return Report(tracks, _errors(report), report[6])


def _errors(report: bytes) -> tuple[bool, bool, bool]:
    return bool(report[0] & 1), bool(report[1] & 1), bool(report[2] & 1)


def _fixed(report: bytes, lengths_at: int, at: int, room: int) -> Tracks:
    """Each track has room of its own; what stands behind its length is left over from an earlier card."""

    def track(number: int) -> bytes | None:
        length, begin = report[lengths_at + number], at + number * room
        if length > room:
            raise ProtocolError(f"The report has room for {room} characters of track {number + 1}, not for {length}.")
        return report[begin : begin + length] or None

    return track(0), track(1), track(2)


def _running(report: bytes) -> Tracks:
    """One track behind the other."""
    total = int.from_bytes(report[OWN_TOTAL_AT:OWN_AT], "little")
    if total > OWN_SIZE - OWN_AT or sum(report[3:6]) > total:
        raise ProtocolError(f"The report has {sum(report[3:6])} characters of tracks in {total} bytes of data.")
    ends = report[3], report[3] + report[4], sum(report[3:6])
    data = report[OWN_AT:]
    return data[: ends[0]] or None, data[ends[0] : ends[1]] or None, data[ends[1] : ends[2]] or None


def _unmasked(text: bytes, number: int) -> bytes:
    """Without sentinels; the masks themselves (``*`` or zeros) need not be characters of the track."""
    end = text.find(END)
    if text[:1] not in (b"%", b";") or end < 0:
        raise ProtocolError(f"Track {number} has no sentinels.")
    return text[1:end]
