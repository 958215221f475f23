"""What the three tracks of a magnetic stripe say (ISO/IEC 7813, 4909; card-hardware.md D.1), and a chip's copy of one.

A track is a value whose ``text`` is what a swipe reader hands over: with both sentinels, without the LRC.  Values check
themselves, so each that exists fits on a stripe.  No error and no ``repr`` shows a PAN or what stands behind the dates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

LONGEST: Mapping[int, int] = MappingProxyType({1: 79, 2: 40, 3: 107})
"""Characters that each track has room for, its sentinels and its LRC included."""
END = "?"
_START_1, _SEPARATOR_1 = "%", "^"
_START_2, _SEPARATOR_2 = ";", "="
_DIGITS = frozenset("0123456789")
_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_DATA_1 = frozenset(map(chr, range(0x20, 0x60))) - {_START_1, _SEPARATOR_1, END}
_DATA_3 = frozenset(map(chr, range(0x30, 0x40))) - {_START_2, END}
_EXPIRY_DIGITS, _SERVICE_DIGITS, _FORMAT_DIGITS = 4, 3, 2
_PAD = "F"

_INTERCHANGE: Mapping[str, str] = MappingProxyType(
    {
        "1": "international",
        "2": "international, has a chip",
        "5": "national",
        "6": "national, has a chip",
        "7": "private",
        "9": "test",
    }
)
_AUTHORIZATION: Mapping[str, str] = MappingProxyType(
    {
        "0": "normal authorization",
        "2": "authorization by the issuer",
        "4": "authorization by the issuer unless agreed otherwise",
    }
)
_RESTRICTIONS: Mapping[str, str] = MappingProxyType(
    {
        "0": "no restrictions, PIN required",
        "1": "no restrictions",
        "2": "goods and services only",
        "3": "ATM only, PIN required",
        "4": "cash only",
        "5": "goods and services only, PIN required",
        "6": "no restrictions, PIN where there is a PIN pad",
        "7": "goods and services only, PIN where there is a PIN pad",
    }
)


class TrackError(ValueError):
    """A text, a value or bits that are no track of a payment card."""


@dataclass(frozen=True, slots=True)
class Track1:
    """The track with the name (IATA).

    ``name``: SURNAME/FIRST MIDDLE.TITLE, 2 to 26 characters.  ``expiry``: YYMM.  Expiry and service code are "" where
    the stripe has a separator in their place.  ``format_code``: a letter, B for banks.  Raises TrackError.
    """

    pan: str = field(repr=False)
    name: str
    expiry: str
    service_code: str
    discretionary: str = field(repr=False)
    format_code: str = "B"

    def __post_init__(self) -> None:
        _demand(_made_of(_LETTERS, self.format_code, 1, 1), "its format code is not one letter")
        _check_pan(self.pan)
        _demand(_made_of(_DATA_1, self.name, 2, 26), "its name is not 2 to 26 characters of track 1")
        _check_dates(self.expiry, self.service_code)
        _demand(_DATA_1.issuperset(self.discretionary), "its discretionary data has characters that track 1 has not")
        _check_length(self.text, 1)

    @property
    def text(self) -> str:
        """As on the stripe, with both sentinels, without the LRC."""
        dates = f"{self.expiry or _SEPARATOR_1}{self.service_code or _SEPARATOR_1}"
        return f"%{self.format_code}{self.pan}^{self.name}^{dates}{self.discretionary}?"

    @classmethod
    def parse(cls, text: str) -> Track1:
        """Read a track, with both sentinels or with neither.  Raises TrackError saying what is wrong with it."""
        parts = _between_sentinels(text, _START_1).split(_SEPARATOR_1, 2)
        _demand(len(parts) == 3, "its PAN and its name do not both end with a separator")
        expiry, service_code, discretionary = _cut_dates(parts[2], _SEPARATOR_1)
        return cls(parts[0][1:], parts[1], expiry, service_code, discretionary, parts[0][:1])


@dataclass(frozen=True, slots=True)
class Track2:
    """The track that every payment card has (ABA); digits only.

    ``expiry``: YYMM.  Expiry and service code are "" where the stripe has a separator in their place.  Raises
    TrackError.
    """

    pan: str = field(repr=False)
    expiry: str
    service_code: str
    discretionary: str = field(repr=False)

    def __post_init__(self) -> None:
        _check_pan(self.pan)
        _check_dates(self.expiry, self.service_code)
        _demand(_DIGITS.issuperset(self.discretionary), "its discretionary data has characters that are no digits")
        _check_length(self.text, 2)

    @property
    def text(self) -> str:
        """As on the stripe, with both sentinels, without the LRC."""
        dates = f"{self.expiry or _SEPARATOR_2}{self.service_code or _SEPARATOR_2}"
        return f";{self.pan}={dates}{self.discretionary}?"

    @property
    def equivalent(self) -> bytes:
        """The value of tag 57, at most 19 bytes: a nibble a character, D for a separator, F to fill the last byte."""
        nibbles = self.text[1:-1].replace(_SEPARATOR_2, "D")
        return bytes.fromhex(nibbles + _PAD * (len(nibbles) % 2))

    @classmethod
    def parse(cls, text: str) -> Track2:
        """Read a track, with both sentinels or with neither.  Raises TrackError saying what is wrong with it."""
        pan, separator, rest = _between_sentinels(text, _START_2).partition(_SEPARATOR_2)
        _demand(separator != "", "no separator ends its PAN")
        return cls(pan, *_cut_dates(rest, _SEPARATOR_2))

    @classmethod
    def from_equivalent(cls, data: bytes) -> Track2:
        """Read the value of tag 57 or 9F6B.  Raises TrackError unless ``equivalent`` would give just these bytes."""
        # Hexadecimal has neither sentinels nor "=", and letters other than the separator fit no field of the track.
        return cls.parse(data.hex().upper().removesuffix(_PAD).replace("D", _SEPARATOR_2))


@dataclass(frozen=True, slots=True)
class Track3:
    """The track of savings banks (thrift): its PAN, and behind the separator a ``rest`` that is left as it is.

    ``format_code``: 2 digits.  Raises TrackError.
    """

    format_code: str
    pan: str = field(repr=False)
    rest: str = field(repr=False)

    def __post_init__(self) -> None:
        _demand(_made_of(_DIGITS, self.format_code, _FORMAT_DIGITS, _FORMAT_DIGITS), "its format code is not 2 digits")
        _check_pan(self.pan)
        _demand(_DATA_3.issuperset(self.rest), "what follows its PAN has characters that track 3 has not")
        _check_length(self.text, 3)

    @property
    def text(self) -> str:
        """As on the stripe, with both sentinels, without the LRC."""
        return f";{self.format_code}{self.pan}={self.rest}?"

    @classmethod
    def parse(cls, text: str) -> Track3:
        """Read a track, with both sentinels or with neither.  Raises TrackError saying what is wrong with it."""
        account, separator, rest = _between_sentinels(text, _START_2).partition(_SEPARATOR_2)
        _demand(separator != "", "no separator ends its PAN")
        return cls(account[:_FORMAT_DIGITS], account[_FORMAT_DIGITS:], rest)


@dataclass(frozen=True, slots=True)
class ServiceCode:
    """Where a card may be used and how, in three digits (D.1).  Raises TrackError for digits without a meaning."""

    digits: str

    def __post_init__(self) -> None:
        _demand(_made_of(_DIGITS, self.digits, _SERVICE_DIGITS, _SERVICE_DIGITS), "a service code is 3 digits")
        meanings = zip(("first", "second", "third"), (_INTERCHANGE, _AUTHORIZATION, _RESTRICTIONS), strict=True)
        for digit, (place, meaning) in zip(self.digits, meanings, strict=True):
            _demand(digit in meaning, f"the {place} digit of the service code has no meaning")

    @classmethod
    def parse(cls, text: str) -> ServiceCode:
        """Read the digits as a track has them.  Raises TrackError, also for "", a track's missing code."""
        return cls(text)

    @property
    def international(self) -> bool:
        """Whether the card may leave its country."""
        return self.digits[0] in "12"

    @property
    def has_chip(self) -> bool:
        """Whether the card has a chip, on which a terminal that reads chips insists."""
        return self.digits[0] in "26"

    @property
    def online_only(self) -> bool:
        """Whether the issuer must be asked."""
        return self.digits[1] in "24"

    @property
    def pin(self) -> Literal["required", "prompt", "none"]:
        """Whether a PIN must be given; ``prompt``: where there is a PIN pad."""
        if self.digits[2] in "035":
            return "required"
        return "prompt" if self.digits[2] in "67" else "none"

    @property
    def goods(self) -> bool:
        """Whether goods and services may be bought, not only cash drawn."""
        return self.digits[2] not in "34"

    @property
    def words(self) -> str:
        """One line for people: where; who authorizes; what for and whether with a PIN."""
        meanings = zip(self.digits, (_INTERCHANGE, _AUTHORIZATION, _RESTRICTIONS), strict=True)
        return "; ".join(meaning[digit] for digit, meaning in meanings)


def _between_sentinels(text: str, start: str) -> str:
    started, ended = text.startswith(start), text.endswith(END)
    _demand(started or not ended, "it has an end sentinel, but does not begin with a start sentinel")
    _demand(ended or not started, "it has a start sentinel, but does not stop at an end sentinel")
    return text[1:-1] if started else text


def _cut_dates(text: str, separator: str) -> tuple[str, str, str]:
    """Expiry, service code, and what is behind them; "" for one in whose place a separator stands."""
    expiry, text = _cut_field(text, separator, _EXPIRY_DIGITS, "expiry")
    service_code, text = _cut_field(text, separator, _SERVICE_DIGITS, "service code")
    return expiry, service_code, text


def _cut_field(text: str, separator: str, size: int, name: str) -> tuple[str, str]:
    if text.startswith(separator):
        return "", text[1:]
    _demand(len(text) >= size, f"it stops before the end of its {name}")
    return text[:size], text[size:]


def _check_pan(pan: str) -> None:
    _demand(_made_of(_DIGITS, pan, 12, 19), "its PAN is not 12 to 19 digits")


def _check_dates(expiry: str, service_code: str) -> None:
    if expiry:
        _demand(_made_of(_DIGITS, expiry, _EXPIRY_DIGITS, _EXPIRY_DIGITS), "its expiry is not 4 digits")
        _demand("01" <= expiry[2:] <= "12", "the month of its expiry is not 01 to 12")
    if service_code:
        _demand(_made_of(_DIGITS, service_code, _SERVICE_DIGITS, _SERVICE_DIGITS), "its service code is not 3 digits")


def _check_length(text: str, track: int) -> None:
    size = len(text) + 1
    _demand(
        size <= LONGEST[track], f"with its LRC it has {size} characters, track {track} has room for {LONGEST[track]}"
    )


def _made_of(characters: frozenset[str], text: str, shortest: int, longest: int) -> bool:
    return shortest <= len(text) <= longest and characters.issuperset(text)


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise TrackError(otherwise)
