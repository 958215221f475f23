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
@url_option
def trace(name: str, as_json: bool, page: Path | None, url: str) -> None:
    """Show a chip transaction: every APDU decoded, every decision with its reason, the issuer's checks.

    NAME is the id of a PaymentIntent (or SetupIntent, or Charge), or "latest".
    """
    from countertop.client import ServerClient
    from countertop.trace import html, text

    with ServerClient(url) as client:
        found = client.trace(name)
    if page is not None:
        try:
            page.write_text(html.render(found), encoding="utf-8")
        except OSError as error:
            raise click.ClickException(f"{page} cannot be written: {error.strerror}.") from None
        click.echo(f"Wrote {page}.")
    elif as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        click.echo(text.render(found), nl=False)
