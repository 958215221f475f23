"""A long run of damaged frames against every parser of the USB side: ``python tests/support/fuzz_usb.py [COUNT [SEED]]``.

Each frame is random, or a sound one that was cut, flipped, doubled or lengthened.  Anything but the drivers' own
errors ends the run with the frame that did it.
"""

from __future__ import annotations

import sys
import time
from random import Random

from countertop_drivers import CardMute, DriverError, ProtocolError
from countertop_drivers.ccid import messages as m
from countertop_drivers.ccid.apdu import Apdu
from countertop_drivers.ccid.atr import parse_atr
from countertop_drivers.ccid.descriptor import CcidDescriptor, find_descriptor
from countertop_drivers.ccid.secure import PinVerify
from countertop_drivers.ccid.t0 import over_t0
from countertop_drivers.ccid.t1 import T1
from countertop_drivers.ccid.t1_blocks import Block, information, ready
from countertop_drivers.loop import LoopLink
from countertop_drivers.virtual.contacts_t1 import T1Card

SOUND = [
    bytes.fromhex("3B6500002063CB6800"),
    bytes.fromhex("3BE500008131FE452063CB68000E"),
    CcidDescriptor().encoded,
    m.Answer(m.DATA_BLOCK, 0, 1, data=b"\x90\x00").encoded,
    m.Command(m.XFR_BLOCK, 0, 1, data=bytes.fromhex("00A4040000")).encoded,
    bytes.fromhex("5003"),
    bytes.fromhex("00A4040007A000000003101000"),
    PinVerify().encoded,
    information(0, b"\x90\x00").encode(),
    ready(1).encode(),
    Block(0xC3, b"\x04").encode(),
]


def damaged(random: Random) -> bytes:
    """One frame."""
    frame = bytearray(random.choice(SOUND))
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
            frame += random.randbytes(random.randrange(1, 30))
    return bytes(frame)


def main(count: int, seed: int) -> None:
    """Feed them all; print what became of them."""
    random = Random(seed)
    parsers = [
        parse_atr, CcidDescriptor.parse, lambda frame: find_descriptor([frame]), m.Answer.parse, m.Command.parse,
        m.slot_changes, Apdu.parse, PinVerify.parse, Block.parse, lambda frame: Block.parse(frame, crc=True),
    ]  # fmt: skip
    taken = refused = 0
    begun = time.monotonic()
    for _ in range(count):
        frame = damaged(random)
        for parse in parsers:
            try:
                parse(frame)
                taken += 1
            except (ProtocolError, CardMute):
                refused += 1
    for _ in range(count // 100):
        came = [damaged(random) for _ in range(20)]
        chip = LoopLink(b"\x3b\x00", lambda apdu: b"\x90\x00")
        chip.power_on()
        card = T1Card(chip)
        for run in (
            lambda came=came: T1(lambda data, waiting: came.pop() if came else b"").transmit(bytes(100)),
            lambda came=came: over_t0(SOUND[6], lambda tpdu: came.pop() if came else b"\x61\x01"),
            lambda card=card: card.block(damaged(random)),
        ):
            try:
                run()
                taken += 1
            except DriverError:
                refused += 1
    print(f"{count} frames, seed {seed}: {taken} taken, {refused} refused, {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, int(sys.argv[2]) if len(sys.argv) > 2 else 1)
