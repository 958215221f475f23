"""``countertop trigger EVENT``: makes an event happen on a running server by doing what causes it."""

from __future__ import annotations

import click

from countertop.cli.options import key_option, url_option
from countertop.errors import ConfigurationError


@click.command()
@click.argument("event", required=False)
@url_option
@key_option
def trigger(event: str | None, url: str, key: str) -> None:
    """Make EVENT happen, by doing the real thing; without EVENT, list what can be triggered."""
    from countertop.cli.scenarios import SCENARIOS
    from countertop.client import ServerClient

    if event is None:
        for name in sorted(SCENARIOS):
            click.echo(name)
        return
    scenario = SCENARIOS.get(event)
    if scenario is None:
        raise ConfigurationError(f"Countertop cannot trigger {event!r}.", f"Known: {', '.join(sorted(SCENARIOS))}")
    with ServerClient(url, key) as client:
        made = scenario(client)
        written = client.call("GET", "/v1/events", {"type": event, "limit": 1})["data"]
    if not written:
        raise ConfigurationError(f"{made} was made, but no {event} was written.", "Please report this.")
    click.echo(f"{event}  {written[0]['id']}  about {made}")
