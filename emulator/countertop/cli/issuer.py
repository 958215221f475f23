"""``countertop issuer``: what the bank behind the cards does: is down, is up, sends scripts to its cards."""

from __future__ import annotations

import click

from countertop.cli.options import url_option

TEST_CARDS = "test-cards"


@click.group()
def issuer() -> None:
    """The issuers behind the cards: take a host down, bring it up, send a script to a card."""


@issuer.command("list")
@url_option
def listed(url: str) -> None:
    """List the hosts, and which are down."""
    from countertop.client import ServerClient

    with ServerClient(url) as client:
        for host in client.hosts():
            click.echo(f"{host['name']}  {'down' if host['down'] else 'up'}")


@issuer.command()
@click.argument("host", default=TEST_CARDS)
@url_option
def down(host: str, url: str) -> None:
    """Take a host down: the network stands in for it."""
    _switch(url, host, down=True)
    click.echo(f"{host} is down: the network approves what is small and came from a chip, and declines the rest.")


@issuer.command()
@click.argument("host", default=TEST_CARDS)
@url_option
def up(host: str, url: str) -> None:
    """Bring a host up again: it is told what was decided in its stead."""
    _switch(url, host, down=False)
    click.echo(f"{host} is up again.")


@issuer.command()
@click.argument("card")
@click.argument("name", metavar="SCRIPT")
@click.option("--pin", help="The new PIN of change_pin.")
@url_option
def script(card: str, name: str, pin: str | None, url: str) -> None:
    """Send a script to CARD with its next payment in a slot.

    SCRIPT is change_pin, unblock_pin, block_application or block_card.
    """
    from countertop.client import ServerClient

    with ServerClient(url) as client:
        client.send_script(card, name, pin)
    click.echo(f"{card} gets {name} with its next payment in a slot.")


def _switch(url: str, host: str, *, down: bool) -> None:
    from countertop.client import ServerClient

    with ServerClient(url) as client:
        client.set_host(host, down=down)
