"""Frames of the PN532 without any line: what stands around commands and answers (card-hardware.md C.2).

A frame is a start code ``00 FF``, a length with its check sum, the data (first byte: who speaks, D4 the host,
D5 the chip) with its check sum.  What lies between frames (preambles, postambles, noise) is passed over.
"""

from __future__ import annotations

from dataclasses import dataclass

from countertop_drivers.errors import BadAddress

HOST, CHIP = 0xD4, 0xD5
ACK = bytes.fromhex("0000FF00FF00")
NACK = bytes.fromhex("0000FFFF0000")
ERROR = bytes.fromhex("0000FF01FF7F8100")
#: The longest data of a frame: direction, code and 263 bytes.
LONGEST = 265
LONGEST_NORMAL = 255
START = b"\x00\xff"
_SYNTAX_ERROR = b"\x7f"


@dataclass(frozen=True, slots=True)
class Ack:
    """The other end has a whole frame."""


@dataclass(frozen=True, slots=True)
class Nack:
    """The other end asks for the last frame again."""


@dataclass(frozen=True, slots=True)
class NotTaken:
    """The chip does not take the command: unknown, or with parameters it cannot be given."""


@dataclass(frozen=True, slots=True)
class Data:
    """A frame with something in it: direction, code and parameters."""

    content: bytes


@dataclass(frozen=True, slots=True)
class Damaged:
    """Something that began as a frame does and was none."""

    problem: str


Frame = Ack | Nack | NotTaken | Data | Damaged


def frame(content: bytes) -> bytes:
    """The frame around direction, code and parameters; extended when it is longer than 255 bytes.

    Raises BadAddress when the chip could not take it.
    """
    if not 1 <= len(content) <= LONGEST:
        raise BadAddress(f"A PN532 frame holds 1 to {LONGEST} bytes, not {len(content)}.")
    if len(content) <= LONGEST_NORMAL:
        head = bytes((len(content), -len(content) & 0xFF))
    else:
        high, low = divmod(len(content), 256)
        head = bytes((0xFF, 0xFF, high, low, -(high + low) & 0xFF))
    return b"\0" + START + head + content + bytes((-sum(content) & 0xFF, 0))


class Deframer:
    """Takes bytes in pieces of any size and gives the frames in them.  Holds no more than one frame."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that are whole now, in their order."""
        self._waiting += data
        found: list[Frame] = []
        while True:
            start = self._waiting.find(START)
            if start < 0:
                # The last byte may be the first of a start code.
                del self._waiting[: len(self._waiting) - (self._waiting[-1:] == b"\0")]
                return found
            del self._waiting[:start]
            one, taken = _first(bytes(self._waiting[: LONGEST + 8]))
            if one is None:
                return found
            found.append(one)
            del self._waiting[:taken]

    def clear(self) -> None:
        """Forget the beginning of a frame."""
        self._waiting.clear()


def _first(waiting: bytes) -> tuple[Frame | None, int]:
    """The frame that begins here and how many bytes it takes; None while it is not whole."""
    if len(waiting) < 4:
        return None, 0
    length, check, at = waiting[2], waiting[3], 4
    if (length, check) == (0x00, 0xFF):
        return Ack(), at
    if (length, check) == (0xFF, 0x00):
        return Nack(), at
    if (length, check) == (0xFF, 0xFF):
        if len(waiting) < 7:
            return None, 0
        length, check, at = waiting[4] << 8 | waiting[5], waiting[6] + waiting[4] + waiting[5], 7
        damaged = check & 0xFF != 0
    else:
        damaged = (length + check) & 0xFF != 0
    # Of a frame with a wrong length nothing but its start is known: the next one is looked for right behind it.
    if damaged:
        return Damaged("the length has a wrong check sum"), len(START)
    if not 1 <= length <= LONGEST:
        return Damaged(f"a length of {length} bytes"), len(START)
    if len(waiting) <= at + length:
        return None, 0
    content, check = waiting[at : at + length], waiting[at + length]
    end = at + length + 1
    if (sum(content) + check) & 0xFF:
        return Damaged("the data have a wrong check sum"), end
    return (NotTaken() if content == _SYNTAX_ERROR else Data(content)), end
