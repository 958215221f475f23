"""Try many hostile cards against the kernel, by hand.

Run: python tests/support/many_hostile_cards.py [COUNT] [FIRST SEED].

Each seed is a virtual chip whose answers are spoilt at random.  Prints how the transactions ended, and the seed of any
that ended in an exception, in too many commands, or took longer than a second.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from functools import partial

from hostile import HostileCard
from paper_card import ATR, drive, request, terminal

from countertop.cards.chip import VirtualChip, image_of, profile_names
from countertop.emv.capk import CapkStore
from countertop.emv.issuer_keys import pool
from countertop.emv.kernel import OnlineAnswer, Silence, TerminalApplication

YEAR = 2026
SLOW_S = 1.0
AIDS = ("A0000000031010", "A0000000041010", "A00000002501", "A0000001523010", "A0000000651010", "A000000333010102",
        "A0000002771010", "A00000038410", "A0000000421010", "A0000003591010028001", "A0000000980840")  # fmt: skip
ANSWERS = (
    OnlineAnswer(True, "00", bytes.fromhex("910811223344008000008A023030")),
    OnlineAnswer(False, "05", bytes.fromhex("72118610 8424000008 1122334455667788 0000".replace(" ", ""))),
    None,
)


def main() -> int:
    """Run, and say how it went."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    at = terminal(
        applications=tuple(TerminalApplication(bytes.fromhex(aid)) for aid in AIDS), keys=CapkStore(pool().ca_keys())
    )
    names = profile_names()
    ends: Counter[str] = Counter()
    bad = 0
    start = time.perf_counter()
    for seed in range(first, first + count):
        chip = VirtualChip(image_of(names[seed % len(names)], YEAR), pin="1234", random=partial(_drawn, seed))
        card = HostileCard(seed, chip.transmit)
        began = time.perf_counter()
        try:
            done = drive(
                card.answer,
                partial(_reset, card, chip),
                at,
                request(draw=partial(_drawn, seed)),
                pins=("1234",) * 20,
                answer=ANSWERS[seed % 3],
            )
            ends[f"{done.outcome.result}: {done.outcome.reason}"] += 1
        except Exception as error:  # what must not happen
            bad += 1
            print(f"seed {seed}: {type(error).__name__}: {error}")
        if time.perf_counter() - began > SLOW_S:
            bad += 1
            print(f"seed {seed}: took {time.perf_counter() - began:.1f} s")
    for end, number in ends.most_common():
        print(f"{number:>8,}  {end}")
    print(f"{count:,} hostile cards in {time.perf_counter() - start:.0f} s, {bad} of them a defect")
    return 1 if bad else 0


def _drawn(seed: int, length: int) -> bytes:
    return (seed * 2654435761 % 2**64).to_bytes(8, "big").ljust(length, b"\x5a")[:length]


def _reset(card: HostileCard, chip: VirtualChip, usual: bytes) -> bytes | Silence:
    chip.power_on()
    return card.atr(ATR or usual)


if __name__ == "__main__":
    sys.exit(main())
