"""A long run of damaged frames against every parser of the stripe side: ``python tests/support/fuzz_swipes.py [COUNT [SEED]]``.

Each frame is random, or a sound one that was cut, flipped, doubled or lengthened.  Anything but the drivers' own
errors ends the run.  One frame in a hundred goes through the whole driver, and to the virtual device as well.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from random import Random

from swipe_bench import TRACKS, SpoiltMsr605, on_a_line

from countertop_drivers import DriverError, ProtocolError
from countertop_drivers.msr605 import frames
from countertop_drivers.msr605.swipes import iso_swipe, raw_swipe
from countertop_drivers.swipe_hid.descriptor import input_report
from countertop_drivers.swipe_hid.reports import parse
from countertop_drivers.track_bits import decode, encode
from countertop_drivers.tracks import CardData, framed, inner
from countertop_drivers.virtual.hid_swipe import VirtualSwipeReader
from countertop_drivers.virtual.msr605 import VirtualMsr605
from countertop_drivers.virtual.stripe_card import StripeCard

Parse = Callable[[bytes], object]


def _iso(frame: bytes) -> object:
    block = frames.iso_block(frame)
    return None if block is None else iso_swipe(block)


def _raw(frame: bytes) -> object:
    block = frames.raw_block(frame)
    return None if block is None else raw_swipe(block)


def _swapped(parser: Callable[[bytes, int], object], number: int, frame: bytes) -> object:
    return parser(frame, number)


def families() -> list[tuple[Sequence[bytes], Sequence[Parse]]]:
    """Sound frames, and the parsers they are for."""
    card = StripeCard(TRACKS)
    texts = [framed(text, number) for number, text in enumerate(TRACKS, 1) if text is not None]
    iso = frames.iso_text((texts[0], texts[1], texts[2])) + b"\x1b\x30"
    marks = bytes.fromhex("1B731B011B2B1B021B2A1B033F1C1B31")
    raw = frames.raw_bits(card.raw) + b"\x1b\x30"
    readers = [VirtualSwipeReader(), VirtualSwipeReader(encrypting=True)]
    return [
        ((iso, marks, b"\x1b\x30"), (_iso, lambda frame: frames.iso_block(frame, with_status=False), frames.status)),
        ((raw, b"\x1b\x34"), (_raw, lambda frame: frames.raw_block(frame, with_status=False))),
        (
            (b"\x1b\x33\x53", b"\x1bREVT1.02", b"\x1b\x3d\x16", b"\x1b\x79"),
            (frames.model, frames.anything, frames.of_size(3), frames.exactly(b"\x1b\x79", b"\x1b\x48")),
        ),
        ([one.report(card) for one in readers], (lambda frame: parse(frame).swipe(),)),
        ([one.report_descriptor for one in readers], (input_report,)),
        (
            [encode(text, number) for number, text in enumerate(TRACKS, 1) if text is not None],
            [partial(_swapped, decode, number) for number in (1, 2, 3)],
        ),
        (
            texts,
            [partial(_swapped, inner, number) for number in (1, 2, 3)]
            + [partial(_swapped, CardData.parse, number) for number in (1, 2)],
        ),
    ]


def damaged(random: Random, sound: Sequence[bytes]) -> bytes:
    """One frame."""
    frame = bytearray(random.choice(sound))
    match random.randrange(6):
        case 0:
            return random.randbytes(random.randrange(80))
        case 1:
            return bytes(frame[: random.randrange(len(frame) + 1)])
        case 2:
            frame[random.randrange(len(frame))] ^= 1 << random.randrange(8)
        case 3:
            frame *= 2
        case 4:
            at = random.randrange(len(frame) + 1)
            frame[at:at] = random.randbytes(random.randrange(1, 30))
    return bytes(frame)


def converse(random: Random, sound: Sequence[bytes]) -> None:
    """A pass of a card through the whole driver, spoilt, and one after it that is not; a virtual device for itself."""
    device = SpoiltMsr605()
    link, _ = on_a_line(device)
    read = random.choice((link.read, link.read_raw))
    assert read(0) is None
    device.spoil = lambda sent: [damaged(random, (sent, *sound))]
    device.swipe(TRACKS)
    with contextlib.suppress(DriverError):
        read(1)
    device.spoil = None
    assert link.model() == "3"
    VirtualMsr605().receive(damaged(random, sound) + damaged(random, sound))


def main(count: int, seed: int) -> None:
    """Feed them all; print what became of them."""
    random = Random(seed)
    kinds = families()
    taken = refused = 0
    begun = time.monotonic()
    for number in range(count):
        sound, parsers = kinds[number % len(kinds)]
        frame = damaged(random, sound)
        for parser in parsers:
            try:
                parser(frame)
                taken += 1
            except ProtocolError:
                refused += 1
        if number % 100 == 0:
            converse(random, sound)
    print(f"{count} frames, seed {seed}: {taken} taken, {refused} refused, {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, int(sys.argv[2]) if len(sys.argv) > 2 else 1)
