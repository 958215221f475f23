"""Record the example traces: ``python scripts/record_example_traces.py firmware_fixtures/countertop_firmware/traces``.

A published test card in a virtual USB reader, paid with by our kernel, and a published number pulled through a virtual
swipe reader.  Clocks are wound by hand and chance is seeded, so every run writes the same bytes.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from countertop.cards import find_card
from countertop.cards.chip import ChipImage, VirtualChip, image_of, profile_of
from countertop.cards.stripe import stripe_of
from countertop.emv import tlv
from countertop.emv.capk import CapkStore
from countertop.emv.cryptogram import AcData
from countertop.emv.issuer_keys import pool
from countertop.emv.kernel import (
    ChooseApplication,
    OnlineAnswer,
    Outcome,
    PowerOn,
    Request,
    Terminal,
    TerminalApplication,
    Transmit,
    contact,
)
from countertop.emv.kernel.events import GoOnline
from countertop_drivers import CardLink
from countertop_drivers.ccid.driver import open_url as open_ccid
from countertop_drivers.link import Tracks
from countertop_drivers.recording import recorded
from countertop_drivers.swipe_hid.driver import open_url as open_swipe
from countertop_drivers.virtual.ccid import VirtualCcid
from countertop_drivers.virtual.hid_swipe import VirtualSwipeReader
from countertop_drivers.virtual.usb_backend import virtual_backend

CARD, YEAR = "visa", 2026
BEGAN = datetime(2026, 11, 23, 12, tzinfo=UTC)
STEP_S = 0.004
CHIP_TRACE, SWIPE_TRACE = "visa_contact_sale.json", "visa_swipe.json"
SERVICE_CODE = "201"  # a card with a chip
# What a sale's cryptogram covers, in the order of AcData.
COVERED = (0x9F02, 0x9F03, 0x9F1A, 0x95, 0x5F2A, 0x9A, 0x9C, 0x9F37, 0x82, 0x9F36, 0x9F10)


def image() -> ChipImage:
    """The card of the sale."""
    return image_of(profile_of(find_card(CARD)), YEAR)


def sale(link: CardLink, card: ChipImage, amount: int = 1250) -> Outcome:
    """A sale of 12.50 dollars, approved online by the card's issuer.  Raises what the link raises."""
    steps = contact(terminal(card), Request(amount, bytes.fromhex("0840"), "261123", "120000", Random(1).randbytes))
    reply: Any = None
    while True:
        try:
            event = steps.send(reply)
        except StopIteration as end:
            outcome: Outcome = end.value
            return outcome
        match event:
            case PowerOn():
                reply = link.power_on()
            case Transmit():
                reply = link.transmit(event.command)
            case GoOnline():
                reply = issuer(card, event.data)
            case ChooseApplication():
                reply = 0
            case _:
                reply = None


def terminal(card: ChipImage) -> Terminal:
    """A terminal in the United States that takes the card's applications and has no floor limit."""
    known = tuple(TerminalApplication(each.profile.aid) for each in card.applications)
    return Terminal(known, CapkStore(pool().ca_keys()), bytes.fromhex("0840"))


def issuer(card: ChipImage, data: Any) -> OnlineAnswer:
    """Approve a genuine cryptogram, decline any other."""
    application = next(each for each in card.applications if each.profile.aid == data[0x84])
    version, arqc = application.profile.cryptograms, data[0x9F26]
    covered = AcData(*(data[tag] for tag in COVERED))
    genuine = version.cryptogram(application.keys.ac, covered) == arqc
    answer = version.answer(application.keys.ac, covered, arqc, genuine)
    return OnlineAnswer(genuine, "00" if genuine else "05", tlv.make(0x91, answer))


def record_chip(path: Path) -> None:
    """The sale, over a CCID reader at TPDU level."""
    card = image()
    reader = VirtualCcid(VirtualChip(card, None, pin=card.profile.card.pin, random=Random(7).randbytes))
    link = open_ccid("usb", backend=virtual_backend(reader))
    with recorded(link, path, "ccid:usb", clock=wound(), now=lambda: BEGAN) as written:
        written.wait(True, 1)
        outcome = sale(written, card)
        written.power_off()
    if outcome.result != "approved":
        raise SystemExit(f"The sale was not approved: {outcome.why}")


def tracks() -> Tracks:
    """The stripe of the same card, without its sentinels."""
    stripe = stripe_of(find_card(CARD), SERVICE_CODE, YEAR)
    return stripe.track_1[1:-1].encode("ascii"), stripe.track_2[1:-1].encode("ascii"), None


def record_swipe(path: Path) -> None:
    """One pass of a stripe."""
    reader = VirtualSwipeReader()
    link = open_swipe("hid", backend=virtual_backend(reader))
    with recorded(link, path, "swipe:hid", clock=wound(), now=lambda: BEGAN) as written:
        reader.swipe(tracks())
        written.read(1)


def wound() -> Callable[[], float]:
    """A clock that goes on by four milliseconds whenever somebody looks at it."""
    ticks = count()
    return lambda: next(ticks) * STEP_S


def record_all(folder: Path) -> None:
    """All of them."""
    for name, record in ((CHIP_TRACE, record_chip), (SWIPE_TRACE, record_swipe)):
        record(folder / name)
        (folder / name).chmod(0o644)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Record the example traces.")
    parser.add_argument("folder", type=Path, help="where to write them")
    record_all(parser.parse_args().folder)
