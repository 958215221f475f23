"""``countertop card serve``: virtual cards in the virtual readers of a PC/SC stack."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from countertop.cli.card_options import behaviour_options, chip
from countertop.errors import ConfigurationError

if TYPE_CHECKING:
    from countertop.cards.chip import VirtualChip

DEFAULT_ADDRESS = "127.0.0.1:35963"


@click.command()
@click.argument("profiles", nargs=-1, required=True, metavar="PROFILE...")
@click.option(
    "--vpcd",
    "addresses",
    multiple=True,
    metavar="HOST:PORT",
    help=f"Where vpcd waits for a card; repeatable.  [default: {DEFAULT_ADDRESS}]",
)
@behaviour_options
def serve(
    profiles: tuple[str, ...],
    addresses: tuple[str, ...],
    year: int | None,
    seed: str,
    faults: tuple[str, ...],
    tpdu: bool,
) -> None:
    """Put cards into the virtual readers of vpcd (package vsmartcard-vpcd), until Ctrl-C.

    Each card goes to the address in its place; beyond the last address the ports are counted up. The reader need not
    be there yet, and may come back.
    """
    from threading import Event, Thread

    from countertop.cards.chip import vpcd

    slots = places(addresses or (DEFAULT_ADDRESS,), len(profiles))
    cards = [chip(profile, year, seed, faults, tpdu) for profile in profiles]
    stop = Event()
    threads = [
        Thread(
            target=vpcd.serve,
            args=(card, host, port),
            kwargs={"stop": stop, "say": _speaker(card)},
            daemon=True,
        )
        for card, (host, port) in zip(cards, slots, strict=True)
    ]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            while thread.is_alive():
                thread.join(0.2)  # bounded, so that Ctrl-C gets a turn
    except KeyboardInterrupt:
        pass
    finally:
        stop.set()
        for thread in threads:
            thread.join(2)


def places(addresses: tuple[str, ...], count: int) -> list[tuple[str, int]]:
    """An address for each card.  Raises ConfigurationError for one that is no HOST:PORT, and for too many."""
    if len(addresses) > count:
        raise ConfigurationError(f"{len(addresses)} addresses for {count} cards.", "Leave some out, or add cards.")
    found = [place_of(address) for address in addresses]
    while len(found) < count:
        host, port = found[-1]
        found.append((host, port + 1))
    if found[-1][1] > 65535:
        raise ConfigurationError("There are more cards than ports from there on.", "Give another --vpcd HOST:PORT")
    return found


def place_of(address: str) -> tuple[str, int]:
    """HOST:PORT.  Raises ConfigurationError for anything else."""
    host, _, port = address.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or not 1 <= int(port) <= 65535:
        raise ConfigurationError(f"{address[:60]!r} is no HOST:PORT.", f"Such as {DEFAULT_ADDRESS}")
    return host.strip("[]"), int(port)


def _speaker(card: VirtualChip) -> Callable[[str], None]:
    name = card.image.profile.name
    return lambda text: click.echo(f"{name}: {text}")
