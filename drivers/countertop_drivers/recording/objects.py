"""Data objects of cards (ISO/IEC 8825-1, EMV Book 3 annex B): where they are in a frame, and lists of them (DOLs)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

DEEPEST = 8
_CONSTRUCTED = 0x20


@dataclass(frozen=True, slots=True)
class Place:
    """A primitive object's tag, and where its value is: the bytes ``start`` to ``end``."""

    tag: int
    start: int
    end: int


def places(data: bytes, start: int, end: int) -> tuple[list[Place], bool]:
    """Every primitive object, and whether these bytes are objects to the last.

    When they are not, what could be made of them: an object that is cut short reaches to the end.
    """
    found: list[Place] = []
    whole = _walk(data, start, end, 0, found)
    return found, whole


def _walk(data: bytes, at: int, end: int, depth: int, found: list[Place]) -> bool:
    whole = True
    while at < end:
        first = data[at]
        tag, at = _tag(data, at, end)
        length, at = _length(data, at, end)
        if tag is None or length is None:
            return False
        stop = min(at + length, end)
        whole = whole and at + length <= end
        if first & _CONSTRUCTED and depth < DEEPEST:
            whole = _walk(data, at, stop, depth + 1, found) and whole
        else:
            found.append(Place(tag, at, stop))
        at = stop
    return whole


def dol(value: bytes) -> list[tuple[int, int]] | None:
    """The tags and lengths of a data object list (EMV Book 3, 5.4); None when it is none."""
    listed: list[tuple[int, int]] = []
    at = 0
    while at < len(value):
        tag, at = _tag(value, at, len(value))
        if tag is None or at >= len(value):
            return None
        listed.append((tag, value[at]))
        at += 1
    return listed


def listed_places(listed: list[tuple[int, int]], start: int, end: int) -> list[Place] | None:
    """Where the values of a list are that stand one behind the other; None when they are not of that length."""
    if sum(length for _, length in listed) != end - start:
        return None
    return list(_in_a_row(listed, start))


def _in_a_row(listed: list[tuple[int, int]], at: int) -> Iterator[Place]:
    for tag, length in listed:
        yield Place(tag, at, at + length)
        at += length


def _tag(data: bytes, at: int, end: int) -> tuple[int | None, int]:
    tag = data[at]
    at += 1
    if tag & 0x1F != 0x1F:
        return tag, at
    for place in range(at, min(at + 3, end)):
        tag = tag << 8 | data[place]
        if not data[place] & 0x80:
            return tag, place + 1
    return None, end


def _length(data: bytes, at: int, end: int) -> tuple[int | None, int]:
    if at >= end:
        return None, end
    first = data[at]
    at += 1
    if first < 0x80:
        return first, at
    count = first & 0x7F
    if not 1 <= count <= 3 or at + count > end:
        return None, end
    return int.from_bytes(data[at : at + count], "big"), at + count
