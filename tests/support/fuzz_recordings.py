"""A long run of frames against masks, and of lines against the reader of recordings.

``python tests/support/fuzz_recordings.py [COUNT [SEED]]``.  A frame is random, or one of the example sale's that was cut,
flipped or doubled; every mask of it has its length and its digits or asterisks.  In every fourth there is a number that
is nobody's test card's, tagged or not, packed or as text, and its middle may not be seen.  One in ten is a damaged line.
"""

from __future__ import annotations

import json
import sys
import time
from random import Random

import countertop_firmware
from countertop_drivers import TraceError
from countertop_drivers.recording import parse, read, render
from countertop_drivers.recording.digits import luhn
from countertop_drivers.recording.masking import Mask
from countertop_drivers.recording.test_numbers import is_test_number
from countertop_drivers.replay import ReplayLink, _passes, _steps

TRACE = countertop_firmware.trace_path("visa_contact_sale")
TAGS = ("5A", "57", "9F6B", "56", "9F7E", "")


def number(random: Random) -> str:
    """A card number that nobody made up for tests."""
    while True:
        body = random.choice("23456") + "".join(random.choices("0123456789", k=random.randint(11, 17)))
        whole = next(body + digit for digit in "0123456789" if luhn(body + digit))
        if not is_test_number(whole):
            return whole


def damaged(random: Random, frame: bytes) -> bytes:
    """What may become of a frame."""
    spoilt = bytearray(frame)
    for _ in range(random.randint(0, 3)):
        at = random.randrange(len(spoilt) + 1)
        match random.randrange(4):
            case 0:
                del spoilt[at:]
            case 1 if at < len(spoilt):
                spoilt[at] ^= 1 << random.randrange(8)
            case 2:
                spoilt[at:at] = spoilt[:at][-20:]
            case _:
                spoilt[at:at] = random.randbytes(random.randrange(4))
    return bytes(spoilt)


def holding(random: Random, secret: str) -> bytes:
    """A response with a number in it.  What stands before an untagged one is no data object."""
    tag = random.choice(TAGS)
    packed = bytes.fromhex(secret + "F" * (len(secret) % 2))
    behind = "D30122011" + "0" * ((len(secret) + 9) % 2)
    track = bytes.fromhex(secret + behind)
    value = {"57": track, "9F6B": track, "56": f"B{secret}^DOE^30122011".encode()}.get(tag, packed)
    if not tag:
        return (
            b"\xff\xff\xff\xff"
            + random.randbytes(random.randrange(20))
            + b"\xff"
            + random.choice((packed, secret.encode()))
        )
    return b"\x70" + bytes([len(tag) // 2 + 1 + len(value)]) + bytes.fromhex(tag) + bytes([len(value)]) + value


def look(random: Random, mask: Mask, frames: list[bytes]) -> None:
    """One frame."""
    frame = damaged(random, random.choice(frames)) if random.random() < 0.7 else random.randbytes(random.randrange(80))
    secret = number(random) if random.random() < 0.25 else ""
    if secret:
        frame = holding(random, secret) + b"\x90\x00"
    shown = mask.response(frame) if secret or random.random() < 0.6 else mask.command(frame)
    if len(shown) != 2 * len(frame) or any(a not in ("*", b) for a, b in zip(shown, frame.hex().upper(), strict=True)):
        raise AssertionError(f"{frame.hex()} became {shown}")
    middle = secret[6:-4]
    spelt = secret.encode().hex()
    if secret and (secret[:6] + middle in shown or middle + secret[-4:] in shown or spelt[:12] + spelt[12:-8] in shown):
        raise AssertionError(f"{secret} is seen in {shown}")
    if random.random() < 0.05:
        mask.powered()


def look_at_lines(random: Random, lines: list[bytes]) -> None:
    """A damaged line among sound ones: read, shown and replayed, or refused."""
    at = random.randrange(len(lines))
    text = b"\n".join([*lines[:at], damaged(random, lines[at]), *lines[at + 1 :]]).decode("latin-1")
    try:
        recording = parse(text)
        list(render(recording))
        if recording.kind == "swipe":
            _passes(recording)
        link = ReplayLink(_steps(recording))
        link.power_on()
        link.transmit(bytes(5))
    except TraceError as error:
        if len(str(error)) > 3000:
            raise AssertionError(f"so many words: {len(str(error))}") from error


def main(count: int, seed: int) -> None:
    """So many frames."""
    random = Random(seed)
    lines = TRACE.read_bytes().splitlines()
    frames = [frame.data for frame in read(str(TRACE)).frames if frame.kind == "apdu"]
    assert json.loads(lines[0])["countertop_trace"] == 1
    mask, began = Mask(), time.monotonic()
    for _ in range(count):
        if random.random() < 0.1:
            look_at_lines(random, lines)
        else:
            look(random, mask, frames)
    print(f"{count} frames in {time.monotonic() - began:.0f} s, seed {seed}: all masked, read or refused")


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*(given + [100_000, 1][len(given) :]))
