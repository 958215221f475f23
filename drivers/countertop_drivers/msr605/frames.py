"""Answers and data blocks of an MSR605, as they grow: each parser gets what has come so far, from the first byte.

It gives None while more is needed, raises ProtocolError as soon as no answer can begin like that, and ignores
what stands behind the answer.  None of them takes more than :data:`LONGEST_ISO` or :data:`LONGEST_RAW` bytes
(MSR605 Programmer's Manual, section 7; card-hardware.md D.2).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from countertop_drivers.errors import ProtocolError
from countertop_drivers.link import NO_TRACKS, Tracks
from countertop_drivers.msr605.commands import ESC, STATUSES, Status

START, END = b"\x1b\x73", b"\x3f\x1c"
#: In the place of a track's text: it could not be read, there is nothing on it.
UNREADABLE, NOTHING = b"\x1b\x2a", b"\x1b\x2b"
LONGEST_ISO = 512
LONGEST_TRACK = 255
LONGEST_RAW = len(START) + 3 * (3 + LONGEST_TRACK) + len(END) + 2
_TRACK = rb"(\x1b[\x2a\x2b]|[^\x1b\x1c]*)"
# A device with fewer tracks may leave out their markers.
_BODY = re.compile(rb"(?:\x1b\x01%b)?(?:\x1b\x02%b)?(?:\x1b\x03%b)?\Z" % (_TRACK, _TRACK, _TRACK))
# No more: it may be a piece of a card number.
_SHOWN = 2


@dataclass(frozen=True, slots=True)
class Block:
    """What passed: text with sentinels, or raw bits; None where there was nothing, or nothing readable.

    ``size`` is how many bytes it took.
    """

    tracks: Tracks = field(default=NO_TRACKS, repr=False)
    unreadable: tuple[bool, bool, bool] = (False, False, False)
    status: int = Status.OK
    size: int = 0


Parser = Callable[[bytes], Block | None]


def iso_block(data: bytes, *, with_status: bool = True) -> Block | None:
    """A block of text.  A device puts a status behind it, a host does not.

    A text may hold 3F, so that only 3F 1C ends a block.  A device may answer with a status alone.
    """
    if with_status and (alone := _status_alone(data)) is not None:
        return alone
    if not _goes_on(data, 0, START):
        return None
    mark = END + bytes((ESC,)) if with_status else END
    at = data.find(mark, len(START))
    size = at + len(mark) + with_status
    if at < 0 or len(data) < size:
        if len(data) >= LONGEST_ISO:
            raise ProtocolError(f"The MSR605 sent {len(data)} bytes and no end of a block.")
        return None
    body = _BODY.match(data, len(START), at)
    if body is None or at > LONGEST_ISO:
        raise ProtocolError("What the MSR605 sent between the ends of a block are not three tracks.")
    texts = [text or b"" for text in body.groups()]
    return Block(
        _three([None if text in (b"", UNREADABLE, NOTHING) else text for text in texts]),
        (texts[0] == UNREADABLE, texts[1] == UNREADABLE, texts[2] == UNREADABLE),
        _known(data[size - 1]) if with_status else Status.OK,
        size,
    )


def raw_block(data: bytes, *, with_status: bool = True) -> Block | None:
    """A block of raw bits: each track is 1B, its number, a length, and so many bytes, which may be anything."""
    if with_status and (alone := _status_alone(data)) is not None:
        return alone
    if not _goes_on(data, 0, START):
        return None
    at, tracks = len(START), []
    for number in (1, 2, 3):
        if not _goes_on(data, at, bytes((ESC, number))) or len(data) < at + 3:
            return None
        length = data[at + 2]
        tracks.append(data[at + 3 : at + 3 + length] or None)
        at += 3 + length
    mark = END + bytes((ESC,)) if with_status else END
    size = at + len(mark) + with_status
    if not _goes_on(data, at, mark) or len(data) < size:
        return None
    return Block(_three(tracks), status=_known(data[size - 1]) if with_status else Status.OK, size=size)


def status(data: bytes) -> int | None:
    """1B and how a command ended."""
    if not _goes_on(data, 0, bytes((ESC,))) or len(data) < 2:
        return None
    return _known(data[1])


def exactly(*answers: bytes) -> Callable[[bytes], bytes | None]:
    """A parser of the one answer, or of a few, that there can be."""

    def parse(data: bytes) -> bytes | None:
        for answer in answers:
            if data.startswith(answer):
                return answer
        if not any(answer.startswith(data) for answer in answers):
            raise _unexpected(data)
        return None

    return parse


def of_size(size: int) -> Callable[[bytes], bytes | None]:
    """A parser of ``size`` bytes of which the first is 1B; gives the others."""

    def parse(data: bytes) -> bytes | None:
        return data[1:size] if _goes_on(data, 0, bytes((ESC,))) and len(data) >= size else None

    return parse


def model(data: bytes) -> str | None:
    """1B, one character, S."""
    if len(data) < 3:
        _goes_on(data, 0, bytes((ESC,)))
        return None
    return chr(data[1]) if _goes_on(data, 0, bytes((ESC,))) and _goes_on(data, 2, b"S") else None


def anything(data: bytes) -> bytes | None:
    """What stands behind 1B, as soon as something does."""
    return data[1:] if _goes_on(data, 0, bytes((ESC,))) and len(data) > 1 else None


def iso_text(texts: Tracks) -> bytes:
    """The block a host sends: texts without sentinels."""
    return START + b"".join(bytes((ESC, at)) + (text or b"") for at, text in enumerate(texts, 1)) + END


def raw_bits(raw: Tracks) -> bytes:
    """The block of raw bits, as either side sends it.  Raises ProtocolError for more than 255 bytes on a track."""
    block = START
    for number, track in enumerate(raw, 1):
        length = len(track or b"")
        if length > LONGEST_TRACK:
            raise ProtocolError(f"Track {number} has {length} bytes of raw bits, more than {LONGEST_TRACK}.")
        block += bytes((ESC, number, length)) + (track or b"")
    return block + END


def _status_alone(data: bytes) -> Block | None:
    if len(data) >= 2 and data[0] == ESC and data[1] in STATUSES:
        return Block(status=data[1], size=2)
    return None


def _goes_on(data: bytes, at: int, mark: bytes) -> bool:
    """Whether ``mark`` stands at ``at``; False while it may still come.  Raises ProtocolError otherwise."""
    found = data[at : at + len(mark)]
    if not mark.startswith(found):
        raise _unexpected(data, at)
    return len(found) == len(mark)


def _unexpected(data: bytes, at: int = 0) -> ProtocolError:
    shown = data[at : at + _SHOWN].hex(" ").upper() if at == 0 else f"byte {at + 1}"
    return ProtocolError(f"The MSR605 sent what is no answer ({shown}).", "Is it an MSR605, and is ?baud= right?")


def _known(found: int) -> int:
    if found not in STATUSES:
        raise ProtocolError(f"The MSR605 sent the status {found:02X}, which there is not.")
    return found


def _three(tracks: list[bytes | None]) -> Tracks:
    return tracks[0], tracks[1], tracks[2]
