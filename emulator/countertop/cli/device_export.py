"""``countertop device export``: a virtual device with a virtual card, for drivers of other programs."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any

import click

from countertop.cli.card_options import DEFAULT_SEED, year_option
from countertop.cli.card_serve import place_of
from countertop.errors import ConfigurationError

if TYPE_CHECKING:
    from countertop.cards.chip import VirtualChip

KINDS = ("ccid", "acr122", "swipe", "pn532", "msr605")
ON_A_LINE = ("pn532", "msr605")
TAPPED, SWIPED = ("acr122", "pn532"), ("swipe", "msr605")
FIRST_PSN, SECONDS_PER_COUNT = 10, 2


@click.command()
@click.argument("kind", type=click.Choice(KINDS))
@click.option("--card", default="visa", show_default=True, help="The test card in it, or `none`.")
@click.option("--listen", metavar="HOST:PORT", help="USB/IP: where hosts connect.  [default: 127.0.0.1:3240]")
@click.option("--pty", is_flag=True, help="pn532, msr605: on a pseudo-terminal, unless --listen says otherwise.")
@click.option("--atc", type=click.IntRange(0, 65000), help="Its transaction counter.  [default: from the clock]")
@click.option("--seed", default=DEFAULT_SEED, show_default=True, help="Source of the card's random numbers.")
@year_option
def export(kind: str, card: str, listen: str | None, pty: bool, atc: int | None, seed: str, year: int | None) -> None:
    """Lend a virtual device to other programs, until Ctrl-C.

    ccid, acr122 and swipe are USB devices, which a Linux host gets with `usbip attach`. pn532 and msr605 stand at the
    end of a serial line: a pseudo-terminal, or with --listen a TCP port (pyserial: socket://HOST:PORT).

    Each line on standard input is a hand at the device: the card leaves or comes back, or is swiped.
    """
    from countertop.attach.ports import find_drivers

    if pty and (kind not in ON_A_LINE or listen is not None):
        raise ConfigurationError("--pty is for pn532 and msr605, and instead of --listen.", "Leave it out.")
    drivers = find_drivers()
    chip, tracks = _card(kind, card, atc, seed, year)
    place = None if listen is None else place_of(listen)
    try:
        with drivers.exported(kind, chip, tracks, place, click.echo) as device:
            click.echo(f"{kind}: {device.where}\nOur own drivers call it: {device.url}\nCtrl-C ends it.")
            _hands(device)
    except drivers.DriverError as error:
        raise ConfigurationError(str(error)) from error


def _card(kind: str, name: str, atc: int | None, seed: str, year: int | None) -> tuple[VirtualChip | None, Any]:
    """The chip and the tracks of a test card; no chip where stripes are read."""
    from dataclasses import replace
    from datetime import UTC, datetime
    from random import Random

    from countertop.cards import find_card
    from countertop.cards.chip import ChipState, VirtualChip, image_of, profile_of
    from countertop.cards.chip.memory import Holder
    from countertop.cards.stripe import stripe_of

    if name == "none":
        return None, (None, None, None)
    card = find_card(name)
    now = datetime.now(UTC)
    year = year or now.year
    if kind in SWIPED:
        code = profile_of(card).applications[0].service_code if card.chip else card.service_code
        stripe = stripe_of(card, code, year)
        return None, (stripe.track_1[1:-1].encode(), stripe.track_2[1:-1].encode(), None)
    if not card.chip:
        raise ConfigurationError(f"{card.name} has no chip.", "Take another --card, or a reader of stripes.")
    over_the_air = kind in TAPPED
    if card.wallet is not None and not over_the_air:
        raise ConfigurationError("A phone goes into no slot.", "Take acr122 or pn532.")
    profile = profile_of(card)
    if atc is None:
        # An issuer refuses a counter that it has seen: each export goes on from the last, on a card of the day.
        atc = (now.hour * 3600 + now.minute * 60 + now.second) // SECONDS_PER_COUNT
        profile = replace(profile, psn=FIRST_PSN + now.toordinal() % (100 - FIRST_PSN))
    image = image_of(profile, year, over_the_air=over_the_air)
    state = ChipState(atc=atc, last_online_atc=atc, pin_tries=image.profile.pin_tries)
    holder: Holder = "card" if card.wallet is None else "verified"
    chip = VirtualChip(image, state, pin=card.pin, random=Random(seed).randbytes, holder=holder)
    return chip, (None, None, None)


def _hands(device: Any) -> None:
    """Use the device for each line that is typed, until Ctrl-C; the end of the input is not the end."""
    typed = threading.Event()
    threading.Thread(target=_listen, args=(device, typed), name="hands", daemon=True).start()
    try:
        while True:
            typed.wait(3600)  # bounded, so that Ctrl-C gets a turn
    except KeyboardInterrupt:
        click.echo("")


def _listen(device: Any, typed: threading.Event) -> None:
    for _ in sys.stdin:
        click.echo(device.use())
