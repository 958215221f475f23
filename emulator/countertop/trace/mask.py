"""Masking: what must not be seen of APDUs in hexadecimal.  Secret digits become ``*``; lengths and structure stay."""

from __future__ import annotations

import re
from collections.abc import Iterable

from countertop.cards.numbers import is_valid_number

KEPT_FIRST, KEPT_LAST = 6, 4
HEADER = 10
"""Digits of CLA, INS, P1, P2 and Lc."""
SECRET_INSTRUCTIONS = frozenset(("20", "24"))
"""VERIFY and PIN CHANGE: all of their data."""
# What may be a PAN though nobody has said so: in a response that breaks off, say.
_DIGITS = re.compile(r"(?<![0-9])[2-6][0-9]{12,18}(?![0-9])")


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
            text = text.replace(pan, starred)
        return text if self._pans else _DIGITS.sub(_luhn, text)


def _starred(pan: str) -> str:
    return pan[:KEPT_FIRST] + "*" * (len(pan) - KEPT_FIRST - KEPT_LAST) + pan[-KEPT_LAST:]


def _luhn(found: re.Match[str]) -> str:
    digits = found.group()
    return _starred(digits) if is_valid_number(digits) else digits
