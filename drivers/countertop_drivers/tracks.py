"""The text of magnetic tracks: characters, sentinels, LRC, and the fields of a payment card.

Everywhere in this package a track is its text *without* sentinels and LRC, as bytes; this module takes them off and
puts them on (ISO/IEC 7811-2 and 7811-6 for the codes, 7813 and 4909 for the fields; card-hardware.md D.1).  Tracks
are numbered from 1.  What does not fit is :class:`~countertop_drivers.errors.ProtocolError`, which names the track
and the place, counting characters from 1, and never shows the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import xor

from countertop_drivers.errors import BadAddress, ProtocolError

END = b"?"
#: Characters that each track has room for: both sentinels and the LRC are among them.
LONGEST = (79, 40, 107)
_SEPARATORS = {1: b"^", 2: b"="}
_CARD_HINT = "Only tracks 1 and 2 of bank cards have these fields."
_PIECES_OF_TRACK_1 = 3


@dataclass(frozen=True, slots=True)
class Code:
    """How characters become bits: ``bits`` with parity, values counted from the character ``base``."""

    bits: int
    base: int
    start: bytes

    def has(self, text: bytes) -> bool:
        """Whether every character can be written, and none of them ends the track."""
        return all(self.value(one) is not None and one != END[0] for one in text)

    def value(self, character: int) -> int | None:
        """What the character's data bits say; None for one that this code has not."""
        value = character - self.base
        return value if 0 <= value < 1 << self.bits - 1 else None

    def lrc(self, framed: bytes) -> bytes:
        """The character that makes the ones in each column even, of a text with both sentinels."""
        return bytes((self.base + reduce(xor, (one - self.base for one in framed), 0),))


ALPHABETIC = Code(7, 0x20, b"%")
NUMERIC = Code(5, 0x30, b";")
#: The codes a track may be written in, the usual one first: driving licences (AAMVA) put letters on track 3.
CODES: Sequence[tuple[Code, ...]] = ((ALPHABETIC,), (NUMERIC,), (NUMERIC, ALPHABETIC))


def codes_of(track: int) -> tuple[Code, ...]:
    """The codes that track may be written in.  Raises BadAddress unless it is 1, 2 or 3."""
    if track not in (1, 2, 3):
        raise BadAddress(f"A stripe has no track {track}.", "It has tracks 1, 2 and 3.")
    return CODES[track - 1]


def code_for(text: bytes, track: int) -> Code:
    """The code that can write a text without sentinels.  Raises ProtocolError where none can, or no room is left."""
    codes = codes_of(track)
    for code in codes:
        if code.has(text):
            room = LONGEST[track - 1] - 3
            if len(text) > room:
                raise ProtocolError(f"Track {track} has room for {room} characters, not for {len(text)}.")
            return code
    wrong = next(at for at, one in enumerate(text) if not codes[-1].has(bytes((one,))))
    raise ProtocolError(f"Track {track}: character {wrong + 1} ({text[wrong]:02X}) is none that this track has.")


def framed(text: bytes, track: int) -> bytes:
    """A text with its sentinels, without LRC.  Raises ProtocolError as :func:`code_for` does."""
    return code_for(text, track).start + text + END


def inner(text: bytes, track: int) -> bytes:
    """A text without sentinels, of one that has both (and perhaps its LRC behind them) or neither.

    Raises ProtocolError when one sentinel is missing, the LRC is wrong, or a character is none of the track.
    """
    code = next((code for code in codes_of(track) if text.startswith(code.start)), None)
    if code is None:
        code_for(text, track)
        return text
    end = text.find(END)
    if end < 0:
        raise ProtocolError(f"Track {track} has no end sentinel.")
    body, behind = text[1:end], text[end + 1 :]
    if not code.has(body):
        wrong = next(at for at, one in enumerate(body) if not code.has(bytes((one,))))
        raise ProtocolError(f"Track {track}: character {wrong + 2} ({body[wrong]:02X}) is none that this track has.")
    if behind not in (b"", code.lrc(text[: end + 1])):
        what = "its LRC is wrong" if len(behind) == 1 else f"{len(behind)} characters follow its end sentinel"
        raise ProtocolError(f"Track {track}: {what}.")
    if len(body) > LONGEST[track - 1] - 3:
        raise ProtocolError(f"Track {track} has {len(body)} characters, more than there is room for.")
    return body


@dataclass(frozen=True, slots=True)
class CardData:
    """What tracks 1 and 2 of a bank card say.  Raises ProtocolError for values that no track can hold.

    ``expiry``: YYMM; it and ``service_code`` are "" where the track has a separator in their place.  ``name``
    (SURNAME/FIRST) and ``format_code`` (B for banks) stand on track 1 only.
    """

    pan: str = field(repr=False)
    expiry: str = ""
    service_code: str = ""
    discretionary: str = field(default="", repr=False)
    name: str = ""
    format_code: str = "B"

    def __post_init__(self) -> None:
        _demand(_digits(self.pan) and 8 <= len(self.pan) <= 19, "The PAN is not 8 to 19 digits.")
        _demand(not self.expiry or (_digits(self.expiry) and len(self.expiry) == 4), "The expiry is not 4 digits.")
        _demand(
            not self.service_code or (_digits(self.service_code) and len(self.service_code) == 3),
            "The service code is not 3 digits.",
        )
        _demand(len(self.format_code) == 1 and "A" <= self.format_code <= "Z", "The format code is not one letter.")
        _demand(len(self.name) <= 26 and "^" not in self.name, "The name is no name of track 1.")

    @classmethod
    def parse(cls, text: bytes, track: int) -> CardData:
        """Read track 1 or 2, with sentinels or without.  Spaces in a PAN (old track 1 of Amex) are left out."""
        separator = _separator(track)
        parts = inner(text, track).split(separator, _PIECES_OF_TRACK_1 - 1 if track == 1 else 1)
        name, format_code = "", "B"
        if track == 1:
            _demand(len(parts) == _PIECES_OF_TRACK_1, "Track 1 has no separators behind its PAN and its name.")
            format_code, pan, name = parts[0][:1].decode(), parts[0][1:].replace(b" ", b""), parts[1].decode()
        else:
            _demand(len(parts) == 2, "Track 2 has no separator behind its PAN.")
            pan = parts[0]
        expiry, rest = _field(parts[-1], 4, separator, f"Track {track} ends before the end of its expiry.")
        service_code, rest = _field(rest, 3, separator, f"Track {track} ends before the end of its service code.")
        return cls(pan.decode(), expiry.decode(), service_code.decode(), rest.decode(), name, format_code)

    def text(self, track: int) -> bytes:
        """Track 1 or 2 without sentinels.  Raises ProtocolError when it does not fit on the track."""
        separator = _separator(track).decode()
        dates = f"{self.expiry or separator}{self.service_code or separator}{self.discretionary}"
        head = f"{self.format_code}{self.pan}^{self.name}^" if track == 1 else f"{self.pan}="
        try:
            text = (head + dates).encode("ascii")
        except UnicodeEncodeError as error:
            raise ProtocolError(f"Track {track} has ASCII characters only.") from error
        code_for(text, track)
        return text


def _separator(track: int) -> bytes:
    codes_of(track)
    if track not in _SEPARATORS:
        raise BadAddress(f"Track {track} has no fields that are known.", _CARD_HINT)
    return _SEPARATORS[track]


def _field(text: bytes, size: int, separator: bytes, short: str) -> tuple[bytes, bytes]:
    if text.startswith(separator):
        return b"", text[1:]
    _demand(len(text) >= size, short)
    return text[:size], text[size:]


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ProtocolError(otherwise, _CARD_HINT)
