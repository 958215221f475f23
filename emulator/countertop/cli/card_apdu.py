"""``countertop card apdu``: commands to a card, as hexadecimal."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from countertop.cli.card_options import behaviour_options, chip
from countertop.errors import ConfigurationError

if TYPE_CHECKING:
    from countertop.cards.chip import VirtualChip

WORDS = "atr, reset, state, quit, or a command in hexadecimal"


@click.command()
@click.argument("profile")
@click.argument("commands", nargs=-1, metavar="[HEX]...")
@click.option("--tlv", "as_tree", is_flag=True, help="Show the data objects of each response below it.")
@behaviour_options
def apdu(
    profile: str,
    commands: tuple[str, ...],
    as_tree: bool,
    year: int | None,
    seed: str,
    faults: tuple[str, ...],
    tpdu: bool,
) -> None:
    """Send commands to a card and print its responses, one a line.

    Without commands, they are read line by line; there, ``atr``, ``reset``, ``state`` and ``quit`` are commands too.
    """
    card = chip(profile, year, seed, faults, tpdu)
    try:
        card.power_on()
        if commands:
            for text in commands:
                _exchange(card, text, as_tree)
        else:
            _shell(card, _lines(card), as_tree)
    except OSError as error:
        raise click.ClickException(f"{error}.") from None


def _lines(card: VirtualChip) -> Iterable[str]:
    stream = sys.stdin
    if not stream.isatty():
        return stream
    name = card.image.profile.name
    click.echo(f"{name} has power. Type {WORDS}.")
    return iter(lambda: click.prompt(name, default="quit", show_default=False, prompt_suffix="> "), None)


def _shell(card: VirtualChip, lines: Iterable[str], as_tree: bool) -> None:
    for line in lines:
        word = line.strip().lower()
        if word == "quit":
            return
        if word == "atr":
            click.echo(card.image.profile.atr.hex().upper())
        elif word == "reset":
            click.echo(card.power_on().hex().upper())
        elif word == "state":
            for name, value in card.state.to_row().items():
                click.echo(f"{name} {value}")
        elif word:
            try:
                _exchange(card, word, as_tree)
            except ConfigurationError as error:
                click.echo(str(error), err=True)


def _exchange(card: VirtualChip, text: str, as_tree: bool) -> None:
    try:
        command = bytes.fromhex(text)
    except ValueError:
        raise ConfigurationError(f"{text[:40]!r} is not hexadecimal.", f"Type {WORDS}.") from None
    response = card.transmit(command)
    click.echo(response.hex().upper())
    if as_tree and len(response) > 2:
        from countertop.cli.card_tlv import tree

        for line in tree(response[:-2]):
            click.echo(f"  {line}")
