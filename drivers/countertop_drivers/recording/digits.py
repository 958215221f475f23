"""Finding card numbers among bytes that nobody describes, and hiding them digit by digit.

A number is 12 to 19 digits (ISO/IEC 7812-1), packed two to a byte or as ASCII, with a good check digit, and begins as
those of payment cards do.  Where such numbers overlap, each of them is hidden.
"""

from __future__ import annotations

import re
from collections.abc import Callable

KEPT_FIRST, KEPT_LAST = 6, 4
#: Digits behind the separator of a track that may be seen: the expiry date.
KEPT_OF_TRACK = 4
SHORTEST, LONGEST = 12, 19
_PACKED = re.compile(r"[0-9]{12,}")
_PACKED_TRACK = re.compile(r"(?<![0-9])([0-9]{12,})D([0-9]{7,})")
_ASCII = re.compile(rb"[0-9]{12,}")
_ASCII_TRACK = re.compile(rb"(?<![0-9])([0-9]{12,})[\^=][ -~]*")
_FIRST = "23456"

#: Whether a number was made up, so that it may be seen.
Known = Callable[[str], bool]


class Digits:
    """The hexadecimal digits of a frame; those that were hidden come out as asterisks.  Places count from 0."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.text = data.hex().upper()
        self._hidden = bytearray(len(self.text))

    def __str__(self) -> str:
        return "".join("*" if hidden else digit for digit, hidden in zip(self.text, self._hidden, strict=True))

    def hide(self, start: int, end: int) -> None:
        """Hide the digits of the bytes ``start`` to ``end``."""
        self.hide_digits(2 * start, 2 * end)

    def hide_digits(self, start: int, end: int) -> None:
        """Hide digits, two of which are a byte."""
        self._hidden[start:end] = b"\1" * max(0, min(end, len(self.text)) - start)

    def hide_number(self, start: int, end: int) -> None:
        """Hide the middle of a packed number; all of it when it is too short to have one.  Places are digits."""
        if end - start > KEPT_FIRST + KEPT_LAST:
            start, end = start + KEPT_FIRST, end - KEPT_LAST
        self.hide_digits(start, end)

    def hide_ascii_number(self, start: int, end: int) -> None:
        """Hide the middle of a number of one byte for each digit.  Places are bytes."""
        if end - start > KEPT_FIRST + KEPT_LAST:
            start, end = start + KEPT_FIRST, end - KEPT_LAST
        self.hide(start, end)

    def search(self, start: int, end: int, known: Known, *, packed: bool = True) -> None:
        """Hide whatever could be a card number or a track among the bytes ``start`` to ``end``.

        ``packed``: two digits to a byte are looked for as well.
        """
        as_text = bytearray(len(self.text))
        for run in _ASCII.finditer(self.data, start, end):
            as_text[2 * run.start() : 2 * run.end()] = b"\1" * (2 * len(run.group()))
            for first, last in numbers(run.group().decode("ascii"), known):
                self.hide_ascii_number(run.start() + first, run.start() + last)
        for track in _ASCII_TRACK.finditer(self.data, start, end):
            if not _ends_known(track[1].decode("ascii"), known):
                self._hide_text_track(track)
        if packed:
            self._search_packed(start, end, known, as_text)

    def _search_packed(self, start: int, end: int, known: Known, as_text: bytearray) -> None:
        for run in _PACKED.finditer(self.text, 2 * start, 2 * end):
            for first, last in numbers(run.group(), known):
                first, last = run.start() + first, run.start() + last
                # Digits as ASCII are digits in hexadecimal too; they were looked at as what they are.
                if as_text.find(0, first, last) >= 0:
                    self.hide_number(first, last)
        for run in _PACKED_TRACK.finditer(self.text, 2 * start, 2 * end):
            if not _ends_known(run[1], known):
                self.hide_number(max(run.start(1), run.end(1) - LONGEST), run.end(1))
                self.hide_digits(run.start(2) + KEPT_OF_TRACK, run.end(2))

    def _hide_text_track(self, track: re.Match[bytes]) -> None:
        self.hide_ascii_number(max(track.start(1), track.end(1) - LONGEST), track.end(1))
        after = track.end(1) + 1
        name = self.data.find(b"^", after, track.end()) if self.data[track.end(1) : after] == b"^" else -1
        if name >= 0:
            self.hide(after, name)
            after = name + 1
        self.hide(after + KEPT_OF_TRACK, track.end())


def numbers(digits: str, known: Known) -> list[tuple[int, int]]:
    """Where card numbers could be within decimal digits, but for those that are ``known`` and what lies within them."""
    sums = _sums(digits)
    spans = [
        (at, at + length)
        for at in range(len(digits) - SHORTEST + 1)
        if digits[at] in _FIRST
        for length in range(SHORTEST, min(LONGEST, len(digits) - at) + 1)
        if (sums[(at + length) % 2][at + length] - sums[(at + length) % 2][at]) % 10 == 0
    ]
    ends = {first: last for first, last in spans if known(digits[first:last])}
    return [
        (first, last)
        for first, last in spans
        if not any(ends.get(begin, 0) >= last for begin in range(max(0, last - LONGEST), first + 1))
    ]


def luhn(number: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1 annex B)."""
    return _sums(number)[len(number) % 2][-1] % 10 == 0


def _sums(digits: str) -> tuple[list[int], list[int]]:
    """For each beginning of the digits, the sum of Luhn's: with those doubled at even places, and at odd ones."""
    both: tuple[list[int], list[int]] = ([0], [0])
    for place, digit in enumerate(digits):
        once, twice = int(digit), sum(divmod(2 * int(digit), 10))
        both[place % 2].append(both[place % 2][-1] + twice)
        both[1 - place % 2].append(both[1 - place % 2][-1] + once)
    return both


def _ends_known(digits: str, known: Known) -> bool:
    return any(known(digits[-length:]) for length in range(SHORTEST, min(LONGEST, len(digits)) + 1))
