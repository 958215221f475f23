"""Rubbish for the parsers of the PN532 and of USB descriptors: ``python tests/support/fuzz_pn532.py N``.

Frames that were good are cut, stretched, doubled, flipped and mixed; whatever comes of that is a frame, a typed error,
or nothing, and what the deframer keeps stays small.
"""

from __future__ import annotations

import random
import sys
import time

from countertop_drivers.errors import DriverError
from countertop_drivers.pn532.commands import checked
from countertop_drivers.pn532.frames import ACK, ERROR, LONGEST, NACK, Data, Deframer, frame
from countertop_drivers.pn532.targets import parse_type_a, parse_type_b
from countertop_drivers.usb.descriptors import parse_configuration
from countertop_drivers.virtual.acr122 import VirtualAcr122
from countertop_drivers.virtual.ccid import VirtualCcid

TYPE_A = bytes.fromhex("010100042007 04A1B2C3D4E5F6 0A788070028063544F50".replace(" ", ""))
TYPE_B = bytes.fromhex("0101 5001020304000000000081C1 0100".replace(" ", ""))
CONFIGURATIONS = (VirtualCcid().shape.configuration, VirtualAcr122().shape.configuration)


def spoil(draw: random.Random, good: bytes) -> bytes:
    """Something that was a good message once."""
    data = bytearray(good)
    for _ in range(draw.randrange(4)):
        kind = draw.randrange(5)
        at = draw.randrange(len(data) + 1)
        if kind == 0 and at < len(data):
            data[at] ^= 1 << draw.randrange(8)
        elif kind == 1:
            del data[at:]
        elif kind == 2:
            data[at:at] = draw.randbytes(draw.randrange(8))
        elif kind == 3:
            data += data[at:]
        elif at < len(data):
            data[at] = draw.choice((0x00, 0xFF, 0x7F, 0x80))
    return bytes(data[:2000])


def frames(draw: random.Random, deframer: Deframer) -> None:
    """One message to a deframer that lives on, and what is in it to the parsers of answers."""
    content = b"\xd5" + draw.choice(
        (b"\x4b" + TYPE_A, b"\x4b" + TYPE_B, b"\x41\x00\x90\x00", draw.randbytes(draw.randrange(265)))
    )
    good = draw.choice((ACK, NACK, ERROR, frame(content[:LONGEST])))
    for one in deframer.feed(spoil(draw, good)):
        if isinstance(one, Data):
            assert len(one.content) <= LONGEST
    assert len(deframer._waiting) <= LONGEST + 8
    for parse, answer in (
        (parse_type_a, TYPE_A),
        (parse_type_b, TYPE_B),
        (lambda data: checked(data, "test"), b"\0\x90\0"),
    ):
        try:
            parse(spoil(draw, answer))
        except DriverError:
            continue


def main(count: int, seed: int) -> None:
    """So many messages."""
    draw, deframer, began = random.Random(seed), Deframer(), time.monotonic()
    for number in range(count):
        frames(draw, deframer)
        if number % 4 == 0:
            try:
                parse_configuration(spoil(draw, draw.choice(CONFIGURATIONS)))
            except DriverError:
                continue
    print(f"{count} messages in {time.monotonic() - began:.0f} s, seed {seed}: frames, typed errors, or nothing")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000, int(sys.argv[2]) if len(sys.argv) > 2 else 1)
