"""Kernel 2's mag-stripe mode: one-time digits in a track (card-hardware.md F.3, G.9).

The card says by bit maps which digits of the track's discretionary data are its to fill: PCVC3 for those of the code,
PUNATC for those of the unpredictable number and, in front of them, of the transaction counter.  The lowest bit is the
last digit.
"""

from __future__ import annotations

from dataclasses import dataclass

SEPARATOR = "D"
EXPIRY_AND_SERVICE_CODE = 7
MOST_UN_DIGITS = 8


class DynamicTrackError(ValueError):
    """A track, or maps, that do not fit each other."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where the digits go.  ``pcvc3`` and ``punatc``: bit maps.  ``natc``: how many digits are of the counter."""

    pcvc3: int
    punatc: int
    natc: int

    @property
    def un_digits(self) -> int:
        """How many digits of the unpredictable number there are.  Raises DynamicTrackError for a count that is none."""
        count = self.punatc.bit_count() - self.natc
        if not 0 <= count <= MOST_UN_DIGITS:
            raise DynamicTrackError(f"there cannot be {count} digits of the unpredictable number")
        return count


def filled(track: bytes, places: Places, un: bytes, atc: bytes, code: bytes) -> bytes:
    """The track (tag 9F6B) with its digits in place.

    ``un``: 4 bytes, packed.  ``atc`` and ``code`` (CVC3): 2 bytes, binary.  Raises DynamicTrackError when they find no
    room.
    """
    head, digits = _apart(track)
    count = places.un_digits
    _put(digits, places.pcvc3, f"{int.from_bytes(code, 'big'):05d}"[-places.pcvc3.bit_count() :])
    counter = f"{int.from_bytes(atc, 'big'):05d}"[-places.natc :] if places.natc else ""
    _put(digits, places.punatc, counter + un.hex()[-count:] if count else counter)
    digits[-1] = str(count)
    return _together(head, digits)


@dataclass(frozen=True, slots=True)
class Found:
    """What an issuer reads in such a track: the digits of code and counter, and the number, 4 bytes packed."""

    code: str
    counter: str
    un: bytes


def found_in(track: bytes, places: Places) -> Found:
    """The digits in a filled track.  Raises DynamicTrackError for a track that cannot have them."""
    _, digits = _apart(track)
    code, mixed = _get(digits, places.pcvc3), _get(digits, places.punatc)
    number = mixed[places.natc :]
    return Found(code, mixed[: places.natc], bytes.fromhex(number.rjust(8, "0")))


def without_digits(track: bytes, places: Places) -> bytes:
    """The track as its issuer wrote it on the card, with zeros where digits go."""
    head, digits = _apart(track)
    for index in (*_places_of(digits, places.pcvc3 | places.punatc), len(digits) - 1):
        digits[index] = "0"
    return _together(head, digits)


def _apart(track: bytes) -> tuple[str, list[str]]:
    text = track.hex().upper().rstrip("F")
    head, separator, rest = text.partition(SEPARATOR)
    digits = rest[EXPIRY_AND_SERVICE_CODE:]
    if not separator or not digits.isdigit():
        raise DynamicTrackError("the track has no discretionary digits")
    return head + separator + rest[:EXPIRY_AND_SERVICE_CODE], list(digits)


def _together(head: str, digits: list[str]) -> bytes:
    text = head + "".join(digits)
    return bytes.fromhex(text + "F" * (len(text) % 2))


def _places_of(digits: list[str], bits: int) -> list[int]:
    """Indexes from left to right."""
    found = [len(digits) - 1 - bit for bit in range(bits.bit_length()) if bits >> bit & 1]
    if any(index < 0 for index in found):
        raise DynamicTrackError("a bit map points behind the track's digits")
    return found[::-1]


def _put(digits: list[str], bits: int, text: str) -> None:
    places = _places_of(digits, bits)
    if len(places) != len(text):
        raise DynamicTrackError(f"{len(text)} digits do not fill {len(places)} places")
    for index, digit in zip(places, text, strict=True):
        digits[index] = digit


def _get(digits: list[str], bits: int) -> str:
    return "".join(digits[index] for index in _places_of(digits, bits))
