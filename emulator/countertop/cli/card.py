"""``countertop card …``: the virtual chip cards, without a server."""

from __future__ import annotations

import click

from countertop.cli.lazy import LazyGroup

COMMANDS = {
    "list": ("countertop.cli.card_show:list_cards", "List the chip cards."),
    "show": ("countertop.cli.card_show:show", "Show what is on a card, and the CA keys that a terminal needs for it."),
    "apdu": ("countertop.cli.card_apdu:apdu", "Send commands to a card: those given, or line by line."),
    "serve": ("countertop.cli.card_serve:serve", "Lend cards to PC/SC: put them into vpcd's virtual readers."),
}


@click.group(cls=LazyGroup, commands_at=COMMANDS)
def card() -> None:
    """The virtual chip cards: look at one, talk to it, lend it to other software.

    PROFILE is the name or the number of a test card, such as visa or 4242424242424242.
    """
