"""``countertop plugins``: what other packages add, by entry point; nothing of theirs is imported."""

from __future__ import annotations

import json

import click

from countertop.cli.options import json_option
from countertop.cli.table import table

GROUPS = {
    "countertop.drivers": "a scheme of device addresses, such as pn532:",
    "countertop.reader_models": "reader models and SKUs, as data files",
    "countertop.card_profiles": "chip cards and their applications, as data files",
    "countertop.issuer_hosts": "who answers authorizations for a range of card numbers",
    "countertop.screens": "screens for the terminal, such as fleet",
}


@click.command()
@json_option
def plugins(as_json: bool) -> None:
    """List what other packages add to Countertop."""
    from countertop.plugins import points_of

    found = [
        {
            "group": group,
            "name": point.name,
            "at": point.value,
            "package": f"{point.dist.name} {point.dist.version}" if point.dist is not None else None,
        }
        for group in GROUPS
        for point in points_of(group)
    ]
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    rows = [(entry["group"], entry["name"], entry["at"], entry["package"]) for entry in found]
    click.echo(table(("GROUP", "NAME", "AT", "PACKAGE"), rows))
    click.echo("")
    click.echo(table(("GROUP", "ADDS"), GROUPS.items()))
