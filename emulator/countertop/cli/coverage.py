"""``countertop coverage``: what of the API is imitated, family by family."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import click

from countertop.cli.options import json_option
from countertop.cli.table import table
from countertop.errors import ConfigurationError

if TYPE_CHECKING:
    from countertop.api.catalog import Endpoint

BEHAVIOUR, GENERIC, REFUSED = "behaviour", "generic", "refused"
LEGEND = """\
behaviour  a service imitates what the operation does
generic    objects are stored, checked, listed, expanded and deleted; no rules of their own
refused    routed, and answered by an honest 501"""


@click.command()
@click.option("--family", help="List the operations of one family, such as terminal.")
@json_option
def coverage(family: str | None, as_json: bool) -> None:
    """Show what of the API is imitated, family by family."""
    from countertop.api.catalog import load

    families = load().families()
    if family is not None and family not in families:
        raise ConfigurationError(f"There is no family {family!r}.", f"Families: {', '.join(families)}")
    written = _written()
    if family is not None:
        found = {endpoint.operation: state_of(endpoint, written) for endpoint in families[family]}
        if as_json:
            click.echo(json.dumps(found, indent=2))
        else:
            click.echo(table(("STATE", "OPERATION"), ((state, name) for name, state in found.items())))
        return
    counts = {
        name: Counter(state_of(endpoint, written) for endpoint in endpoints) for name, endpoints in families.items()
    }
    if as_json:
        click.echo(json.dumps({name: {"routed": count.total(), **count} for name, count in counts.items()}, indent=2))
        return
    total = sum(counts.values(), Counter[str]())
    rows = [_row(name, count) for name, count in counts.items()] + [_row("all", total)]
    click.echo(table(("FAMILY", "ROUTED", BEHAVIOUR.upper(), GENERIC.upper(), REFUSED.upper()), rows))
    click.echo(f"\n{LEGEND}")


def state_of(endpoint: Endpoint, written: frozenset[str]) -> str:
    """What answers an endpoint."""
    if endpoint.operation in written:
        return BEHAVIOUR
    return REFUSED if endpoint.v2 or endpoint.does == "action" else GENERIC


def _written() -> frozenset[str]:
    from countertop.bench import Bench

    with Bench() as bench:
        return frozenset(bench.world.services.operations)


def _row(name: str, count: Counter[str]) -> tuple[object, ...]:
    return (name, count.total(), *(count[state] or None for state in (BEHAVIOUR, GENERIC, REFUSED)))
