"""Hostile cards: a card that answers well most of the time, and damage at random.  One seed is one card."""

from __future__ import annotations

import random
from collections.abc import Callable

from countertop.emv.kernel import Silence

Answer = bytes | Silence
TAGS = bytes.fromhex("6F70778084A5BF0C615087 9F38829490939F329F469F479F489F4A9F4B8C8D8E5A5F245F25")
STATUSES = (
    0x9000,
    0x6100,
    0x61FF,
    0x6C00,
    0x6CFF,
    0x6283,
    0x6300,
    0x63C0,
    0x63CF,
    0x6985,
    0x6A81,
    0x6A82,
    0x6A83,
    0x0000,
    0xFFFF,
)


class HostileCard:
    """Stands between the kernel and a good card, and spoils what the good one says."""

    def __init__(self, seed: int, good: Callable[[bytes], Answer]) -> None:
        self._random = random.Random(seed)
        self._good = good
        # Some are bad all the time, most spoil one answer in ten.
        self._rate = self._random.choice((0.02, 0.1, 0.1, 0.3, 1.0))
        self._replay: list[bytes] = []

    def atr(self, good: bytes) -> Answer:
        """The ATR, or what is left of it."""
        return self._spoil(good) if self._random.random() < self._rate / 4 else good

    def answer(self, command: bytes) -> Answer:
        """The answer to a command."""
        good = self._good(command)
        if isinstance(good, Silence):
            return good
        self._replay.append(good)
        return self._spoil(good) if self._random.random() < self._rate else good

    def _spoil(self, good: bytes) -> Answer:
        draw = self._random
        match draw.randrange(12):
            case 0:
                return draw.randbytes(draw.choice((0, 1, 2, 3, 17, 255, 256, 300)))
            case 1:
                return good[: draw.randrange(len(good) + 1)]
            case 2:
                return good[:-2] + draw.choice(STATUSES).to_bytes(2, "big")
            case 3:
                return draw.choice(STATUSES).to_bytes(2, "big")
            case 4:
                return self._flipped(good)
            case 5:
                return draw.choice(self._replay) if self._replay else b""
            case 6:
                at = draw.randrange(len(good) + 1)
                return good[:at] + draw.randbytes(draw.randrange(1, 9)) + good[at:]
            case 7:
                at = draw.randrange(len(good) + 1)
                return good[:at] + good[at + draw.randrange(1, 9) :]
            case 8:
                value = draw.randbytes(draw.randrange(0, 60))
                return bytes((draw.choice(TAGS), len(value))) + value + b"\x90\x00"
            case 9:
                return good[:-2] * draw.randrange(2, 9) + good[-2:]
            case 10:
                return bytes((0x70,)) * draw.randrange(1, 200) + b"\x90\x00"
        return draw.choice((Silence.MUTE, Silence.REMOVED))

    def _flipped(self, good: bytes) -> bytes:
        spoilt = bytearray(good)
        for _ in range(self._random.randrange(1, 4)):
            if spoilt:
                spoilt[self._random.randrange(len(spoilt))] ^= 1 << self._random.randrange(8)
        return bytes(spoilt)
