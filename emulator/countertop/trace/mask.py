"""Masking: what must not be seen of APDUs in hexadecimal.  Secret digits become ``*``; lengths and structure stay."""

from __future__ import annotations

import re
from collections.abc import Iterable

from countertop.cards.numbers import brand_of, is_valid_number
from countertop.emv.tlv import TlvError, parse

KEPT_FIRST, KEPT_LAST = 6, 4
SHORTEST = 8
HOLDS_A_NUMBER = frozenset((0x56, 0x57, 0x5A, 0x9F1F, 0x9F20, 0x9F6B))
"""PAN, tracks and their discretionary data."""
PERSONAL = frozenset((0x5F20, 0x5F53, 0x93, 0x9F0B, 0x9F2D, 0x9F46))
"""Of somebody's own card: his name and account, and what his PAN can be worked out from (EMV Book 2 §5.4, §6.4)."""
_TAGS = tuple(f"{tag:X}" for tag in sorted(HOLDS_A_NUMBER))
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
    """Knows the PANs of a transaction; ``guest``: the card is somebody's own, and more of it is nobody's business."""

    def __init__(self, pans: Iterable[str], *, guest: bool = False) -> None:
        self._pans = [(pan, _starred(pan)) for pan in pans if len(pan) >= SHORTEST]
        self._guest = guest

    def command(self, text: str) -> str:
        """A command as it may be seen."""
        if text[2:4] in SECRET_INSTRUCTIONS:
            return text[:HEADER] + "*" * (len(text) - HEADER)
        for pan, starred in self._pans:
            text = text.replace(pan, starred)
        return text

    def response(self, text: str) -> str:
        """A response, or any other hexadecimal text, as it may be seen."""
        for pan, starred in self._pans:
            text = _without_discretionary(text, pan).replace(pan, starred)
        if _DIGITS.search(text) is None and not any(tag in text for tag in _TAGS) and not self._guest:
            return text
        try:
            return _without_numbers(text, PERSONAL if self._guest else frozenset())
        except (TlvError, ValueError):
            # It breaks off, or is no data objects at all: nobody has read the PAN that may be in it.
            return _DIGITS.sub(_suspects, text) if not self._guest else "*" * len(text[:-4]) + text[-4:]


def _without_numbers(text: str, personal: frozenset[int]) -> str:
    """The objects in a response that hold a PAN or a track, with that hidden, whosever it is; of ``personal`` ones
    everything."""
    shown, at = "", 0
    for item in parse(bytes.fromhex(text[:-4].replace("*", "0"))):
        end = at + 2 * len(item.encoded)
        start = end - 2 * len(item.value)
        value = text[start:end]
        if item.constructed:
            value = _without_numbers(value + "0000", personal)[:-4]
        elif item.tag in personal:
            value = "*" * len(value)
        elif item.tag in HOLDS_A_NUMBER:
            digits = len(value) - len(value.lstrip("0123456789*"))
            track = value[digits : digits + 1 + KEPT_OF_TRACK]
            rest = len(value) - digits - len(track)
            value = _starred(value[:digits]) + track + "*" * rest if track[:1] == SEPARATOR else _starred(value)
        shown += text[at:start] + value
        at = end
    return shown + text[at:]


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
    if len(pan) <= KEPT_FIRST + KEPT_LAST:
        return "*" * len(pan)
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
