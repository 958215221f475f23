"""The bits of a magnetic stripe: characters with odd parity between zeros, and the LRC that ends them (ISO/IEC 7811).

A track's text is what :mod:`countertop.emv.tracks` has: both sentinels, no LRC (card-hardware.md D.1).  Bits are
``bytes`` of 0 and 1, one a bit, in the order in which a head meets them; :func:`pack` puts eight of them into a byte.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from countertop.emv.tracks import END, LONGEST, TrackError

CLOCKING_ZEROS = 22
"""Zeros that are written on either side by default; readers find their pace by them."""
_BITS = frozenset((0, 1))
_BYTE = 8


@dataclass(frozen=True, slots=True)
class _Code:
    """How a track writes characters: ``width`` bits without parity, the value counted from the character ``base``."""

    width: int
    base: int
    start: str
    longest: int

    def value(self, character: str) -> int:
        value = ord(character) - self.base
        if not 0 <= value < 1 << self.width:
            raise TrackError("it has a character that the track has not")
        return value

    def bits(self, character: str) -> bytes:
        """Least significant bit first, then what makes the number of ones odd."""
        value = self.value(character)
        return bytes(value >> place & 1 for place in range(self.width)) + bytes((1 - value.bit_count() % 2,))

    def character(self, bits: bytes) -> str | None:
        """The character that all these bits are, None when their parity is wrong."""
        value = sum(bit << place for place, bit in enumerate(bits[: self.width]))
        return chr(self.base + value) if sum(bits) % 2 else None


_CODES: Mapping[int, _Code] = MappingProxyType(
    {
        1: _Code(6, 0x20, "%", LONGEST[1]),
        2: _Code(4, 0x30, ";", LONGEST[2]),
        3: _Code(4, 0x30, ";", LONGEST[3]),
    }
)


def lrc(text: str, track: int) -> str:
    """The character that makes every bit column even, of a text with both sentinels.

    Its own parity bit is as odd as any other's.  Raises TrackError for a character that the track has not.
    """
    return _lrc(text, _code(track))


def encode(text: str, track: int, *, leading: int = CLOCKING_ZEROS, trailing: int = CLOCKING_ZEROS) -> bytes:
    """The bits of a text with both sentinels, with its LRC, between ``leading`` and ``trailing`` zeros.

    Raises TrackError for a text without its sentinels, with an end sentinel inside, or that the track cannot hold.
    """
    code = _code(track)
    if not text.startswith(code.start):
        raise TrackError("there is no start sentinel")
    if text.find(END) != len(text) - 1:
        raise TrackError("there is no end sentinel, or something behind it")
    if len(text) >= code.longest:
        raise TrackError(f"there are more than {code.longest} characters")
    written = b"".join(code.bits(character) for character in text + _lrc(text, code))
    return bytes(leading) + written + bytes(trailing)


def decode(bits: bytes, track: int) -> str:
    """The text of a track, with its sentinels and without its LRC, whichever way the card was swiped.

    The first one bit begins the start sentinel, and zeros alone follow the LRC: so no bits of track 2 or 3 can be read
    both ways, nor those of a track 1 that begins with a format code.  Bits that can are read as they are given.
    Raises TrackError saying what is wrong; it counts the start sentinel as character 1.
    """
    code = _code(track)
    _check_bits(bits)
    signal = bits.strip(b"\0")
    if not signal:
        raise TrackError("there is nothing on the track")
    start = code.bits(code.start)
    # Both ways are tried, since the LRC of a card swiped backwards can look like a start sentinel.
    errors = []
    for swipe in (signal, signal[::-1]):
        if swipe.startswith(start):
            try:
                return _read(swipe, code)
            except TrackError as error:
                errors.append(error)
    raise errors[0] if errors else TrackError("there is no start sentinel")


def pack(bits: bytes) -> bytes:
    """Eight bits a byte, the first one as the most significant, with zeros to fill the last byte.

    Raises TrackError for what is neither 0 nor 1.
    """
    _check_bits(bits)
    filled = bits + bytes(-len(bits) % _BYTE)
    return bytes(
        sum(bit << _BYTE - 1 - place for place, bit in enumerate(filled[at : at + _BYTE]))
        for at in range(0, len(filled), _BYTE)
    )


def unpack(data: bytes) -> bytes:
    """The bits of bytes, the most significant of each first; zeros that :func:`pack` added remain."""
    return bytes(byte >> place & 1 for byte in data for place in reversed(range(_BYTE)))


def _read(signal: bytes, code: _Code) -> str:
    """The text of bits from a start sentinel to the last one bit."""
    size, text = code.width + 1, ""
    while not text.endswith(END):
        number = len(text) + 1
        if number == code.longest:
            raise TrackError(f"there are more than {code.longest} characters")
        text += _character(signal, len(text), code, f"character {number}", "end sentinel")
    if _character(signal, len(text), code, "the LRC", "LRC") != _lrc(text, code):
        raise TrackError("LRC is wrong")
    if len(signal) > (len(text) + 1) * size:
        raise TrackError("there is more than zeros behind the LRC")
    return text


def _character(signal: bytes, index: int, code: _Code, name: str, wanted: str) -> str:
    """The character at an index, called ``name``; ``wanted``: what is missing where there are only zeros."""
    size = code.width + 1
    bits = signal[index * size : (index + 1) * size]
    if not bits:
        raise TrackError(f"there is no {wanted}")
    character = code.character(bits)
    if character is None:
        raise TrackError(f"parity of {name} is wrong")
    return character


def _lrc(text: str, code: _Code) -> str:
    total = 0
    for character in text:
        total ^= code.value(character)
    return chr(code.base + total)


def _code(track: int) -> _Code:
    code = _CODES.get(track)
    if code is None:
        raise TrackError("a stripe has tracks 1, 2 and 3")
    return code


def _check_bits(bits: bytes) -> None:
    if not _BITS.issuperset(bits):
        raise TrackError("a bit is neither 0 nor 1")
