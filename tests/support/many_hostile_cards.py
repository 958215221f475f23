"""Try many hostile cards against the kernels and the readers of tracks, by hand.

Run: python tests/support/many_hostile_cards.py [--taps | --tracks] [COUNT] [FIRST SEED].

Each seed is a virtual chip whose answers are spoilt at random, in the slot or over the air, or a stripe whose tracks
are.  Prints how they ended, and the seed of any that ended in an exception, in too many commands, or took longer than
a second.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

from air_card import chip_of, reader
from hostile import HostileCard
from paper_card import ATR, drive, request, terminal

from countertop.cards.chip import VirtualChip, image_of, profile_names
from countertop.emv.capk import CapkStore
from countertop.emv.issuer_keys import pool
from countertop.emv.kernel import OnlineAnswer, Silence, Terminal, TerminalApplication, contactless
from countertop.emv.track_bits import decode, encode
from countertop.emv.tracks import Track1, Track2, Track3, TrackError

YEAR = 2026
SLOW_S = 1.0
AIDS = ("A0000000031010", "A0000000041010", "A00000002501", "A0000001523010", "A0000000651010", "A000000333010102",
        "A0000002771010", "A00000038410", "A0000000421010", "A0000003591010028001", "A0000000980840")  # fmt: skip
AIR_CARDS = ("visa", "mastercard", "mastercard_stripe_mode", "amex", "discover", "diners_14digits", "interac", "jcb",
             "unionpay", "girocard_debit", "eftpos_au_visa_debit", "cartes_bancaires_mastercard_debit",
             "visa_us_common_debit", "apple_pay:visa", "google_pay:mastercard", "samsung_pay:amex")  # fmt: skip
ANSWERS = (
    OnlineAnswer(True, "00", bytes.fromhex("910811223344008000008A023030")),
    OnlineAnswer(False, "05", bytes.fromhex("72118610 8424000008 1122334455667788 0000".replace(" ", ""))),
    None,
)
GOOD_TRACKS: Mapping[int, str] = {
    1: "%B4242424242424242^CARDHOLDER/VALUED^30121010000000000000000?",
    2: ";4242424242424242=30121010000000000000?",
    3: ";014242424242424242=" + "0" * 40 + "?",
}
PARSERS: Mapping[int, Callable[[str], Any]] = {1: Track1.parse, 2: Track2.parse, 3: Track3.parse}


def main() -> int:
    """Run, and say how it went."""
    given = sys.argv[1:]
    ways = {"--taps": _tap, "--tracks": _swipe}
    way = ways[given.pop(0)] if given and given[0] in ways else _insert
    count = int(given[0]) if given else 10_000
    first = int(given[1]) if len(given) > 1 else 0
    ends: Counter[str] = Counter()
    bad = 0
    start = time.perf_counter()
    for seed in range(first, first + count):
        began = time.perf_counter()
        try:
            ends[way(seed)] += 1
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


def _insert(seed: int) -> str:
    names = profile_names()
    chip = VirtualChip(image_of(names[seed % len(names)], YEAR), pin="1234", random=partial(_drawn, seed))
    card = HostileCard(seed, chip.transmit)
    asked = request(draw=partial(_drawn, seed))
    done = drive(
        card.answer, partial(_reset, card, chip), _terminal(), asked, pins=("1234",) * 20, answer=ANSWERS[seed % 3]
    )
    return f"{done.outcome.result}: {done.outcome.reason}"


def _tap(seed: int) -> str:
    chip = chip_of(AIR_CARDS[seed % len(AIR_CARDS)])
    card = HostileCard(seed, chip.transmit)
    at = reader(
        no_cvm_up_to=(None, 500)[seed % 2], kind=(0x21, 0x22)[seed // 2 % 2], floor_limit=(0, 5_000)[seed // 4 % 2]
    )
    done = drive(
        card.answer,
        lambda _: card.atr(chip.power_on()),
        at,
        request(draw=partial(_drawn, seed)),
        pins=("1234",) * 20,
        answer=ANSWERS[seed % 3],
        kernel=contactless,
    )
    return f"{done.outcome.result}: {done.outcome.reason}"


def _swipe(seed: int) -> str:
    """A track as text, and the same as the bits that a head reads, from both ends."""
    draw = random.Random(seed)
    number = seed % 3 + 1
    text = list(GOOD_TRACKS[number])
    for _ in range(draw.choice((0, 1, 1, 2, 5, 40))):
        at = draw.randrange(len(text) + 1)
        match draw.randrange(3):
            case 0:
                text[at:at] = chr(draw.choice((draw.randrange(32, 96), draw.randrange(0x3000))))
            case 1:
                del text[at : at + draw.randrange(1, 9)]
            case _:
                text[at : at + 1] = draw.choice("0123456789;=?%^B")
    spoilt = "".join(text)
    ends = []
    try:
        PARSERS[number](spoilt)
        ends.append("read")
    except TrackError:
        ends.append("refused")
    bits = bytearray(_bits_of(number))
    for _ in range(draw.choice((0, 1, 2, 30, 400))):
        if bits:
            bits[draw.randrange(len(bits))] ^= 1
    del bits[draw.randrange(len(bits) + 1) : draw.choice((0, len(bits)))]
    try:
        PARSERS[number](decode(bytes(bits if seed % 2 else bits[::-1]), number))
        ends.append("bits read")
    except TrackError:
        ends.append("bits refused")
    return f"track {number}: {', '.join(ends)}"


@cache
def _bits_of(number: int) -> bytes:
    return encode(GOOD_TRACKS[number], number)


@cache
def _terminal() -> Terminal:
    known = tuple(TerminalApplication(bytes.fromhex(aid)) for aid in AIDS)
    return terminal(applications=known, keys=CapkStore(pool().ca_keys()))


def _drawn(seed: int, length: int) -> bytes:
    return (seed * 2654435761 % 2**64).to_bytes(8, "big").ljust(length, b"\x5a")[:length]


def _reset(card: HostileCard, chip: VirtualChip, usual: bytes) -> bytes | Silence:
    chip.power_on()
    return card.atr(ATR or usual)


if __name__ == "__main__":
    sys.exit(main())
