"""``countertop webhooks``: the delivery log."""

from __future__ import annotations

import json
from typing import Any

import click

from countertop.cli.options import json_option, url_option
from countertop.cli.table import table


@click.command()
@url_option
@click.option("--key", help="Only the deliveries of this account's endpoints.")
@click.option("--resend", metavar="ID", help="Send this delivery once more, now.")
@click.option("-n", "--limit", default=20, show_default=True, help="How many, newest first.")
@json_option
def webhooks(url: str, key: str | None, resend: str | None, limit: int, as_json: bool) -> None:
    """Show the webhook deliveries of a running server, newest first."""
    from countertop.client import ServerClient

    with ServerClient(url) as client:
        if resend is not None:
            delivery = client.resend(resend)
            click.echo(f"{delivery['event_type']} goes out to {delivery['url']} once more.")
            return
        rows = client.deliveries(key)[:limit]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
    elif rows:
        click.echo(table(("STATUS", "TRIES", "LAST", "EVENT", "URL", "ID"), map(_row, rows)))
    else:
        click.echo("No webhooks yet. Make an endpoint, or start with: countertop up --forward-to URL")


def _row(delivery: dict[str, Any]) -> tuple[object, ...]:
    attempts = delivery["attempts"]
    last = attempts[-1] if attempts else {"status": None, "error": None}
    return (
        delivery["status"],
        len(attempts),
        last["error"] or last["status"],
        delivery["event_type"],
        delivery["url"],
        delivery["id"],
    )
