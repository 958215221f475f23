"""``countertop trace``: what happened between card, reader and issuer."""

from __future__ import annotations

import json
from pathlib import Path

import click

from countertop.cli.options import url_option


@click.command()
@click.argument("name", metavar="PAYMENT_INTENT|latest", default="latest")
@click.option("--json", "as_json", is_flag=True, help="Print the entries as they are kept.")
@click.option("--html", "page", type=click.Path(dir_okay=False, path_type=Path), help="Write a page to look at.")
@click.option("--iso8583", "messages", is_flag=True, help="Print the network's messages as ISO 8583, in hexadecimal.")
@url_option
def trace(name: str, as_json: bool, page: Path | None, messages: bool, url: str) -> None:
    """Show a chip transaction: every APDU decoded, every decision with its reason, the issuer's checks.

    NAME is the id of a PaymentIntent (or SetupIntent, or Charge), or "latest".
    """
    from countertop.client import ServerClient
    from countertop.network.iso8583 import encode, numbered
    from countertop.trace import html, text

    with ServerClient(url) as client:
        found = client.trace(name)
    if page is not None:
        try:
            page.write_text(html.render(found), encoding="utf-8")
        except OSError as error:
            raise click.ClickException(f"{page} cannot be written: {error.strerror}.") from None
        click.echo(f"Wrote {page}.")
    elif messages:
        for entry in found["entries"]:
            if entry["kind"] == "host":
                click.echo(f"{entry['name']}: {encode(numbered(entry['fields'])).hex().upper()}")
    elif as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        click.echo(text.render(found), nl=False)
