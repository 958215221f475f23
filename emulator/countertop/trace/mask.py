"""Masking: what must not be seen of APDUs in hexadecimal.  Secret digits become ``*``; lengths and structure stay."""

from __future__ import annotations

import re
from collections.abc import Iterable

from countertop.cards.numbers import brand_of, is_valid_number

KEPT_FIRST, KEPT_LAST = 6, 4
HEADER = 10
"""Digits of CLA, INS, P1, P2 and Lc."""
SECRET_INSTRUCTIONS = frozenset(("20", "24"))
"""VERIFY and PIN CHANGE: all of their data."""
SEPARATOR, TRACK_2 = "D", "57"
KEPT_OF_TRACK, LONGEST_TRACK = 7, 38
"""Digits of expiry and service code; digits of a whole track 2."""
_DIGITS = re.compile("[0-9]{14,}")
LENGTHS = (19, 16, 15, 14)


class Mask:
    """Knows the PANs of a transaction."""

    def __init__(self, pans: Iterable[str]) -> None:
        self._pans = [(pan, _starred(pan)) for pan in pans if len(pan) > KEPT_FIRST + KEPT_LAST]

    def command(self, text: str) -> str:
        """A command as it may be seen."""
        if text[2:4] in SECRET_INSTRUCTIONS:
            return text[:HEADER] + "*" * (len(text) - HEADER)
        return self.response(text)

    def response(self, text: str) -> str:
        """A response, or any other hexadecimal text, as it may be seen."""
        for pan, starred in self._pans:
            text = _without_discretionary(text, pan).replace(pan, starred)
        # Of a response that breaks off nobody has read the PAN.
        return text if self._pans else _DIGITS.sub(_suspects, text)


def _without_discretionary(text: str, pan: str) -> str:
    """Track 2 behind each place where the PAN begins one: expiry and service code stay, the rest is hidden."""
    at = text.find(pan + SEPARATOR)
    while at >= 0:
        start = at + len(pan) + 1 + KEPT_OF_TRACK
        end = min(_end_of_track(text, at), len(text))
        text = text[:start] + "*" * max(end - start, 0) + text[max(start, end) :]
        at = text.find(pan + SEPARATOR, at + 1)
    return text


def _end_of_track(text: str, at: int) -> int:
    """Where the object ends that begins here, by the length in front of it; else as far as a track can go."""
    length = text[at - 2 : at]
    if text[at - 4 : at - 2] == TRACK_2 and length.isalnum():
        return at + 2 * int(length, 16)
    return at + LONGEST_TRACK


def _starred(pan: str) -> str:
    return pan[:KEPT_FIRST] + "*" * (len(pan) - KEPT_FIRST - KEPT_LAST) + pan[-KEPT_LAST:]


def _suspects(found: re.Match[str]) -> str:
    """The digits with everything hidden that could be a card number."""
    digits = found.group()
    at = 0
    while at < len(digits):
        for length in LENGTHS:
            number = digits[at : at + length]
            if len(number) == length and brand_of(number) != "unknown" and is_valid_number(number):
                digits = digits[:at] + _starred(number) + digits[at + length :]
                at += length - 1
                break
        at += 1
    return digits
