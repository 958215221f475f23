"""``countertop fleet``: the screen that a package registers as ``fleet``; ours is a plain table."""

from __future__ import annotations

import click

from countertop.cli.options import url_option
from countertop.errors import CountertopError

GROUP = "countertop.screens"


@click.command()
@url_option
def fleet(url: str) -> None:
    """Show all readers of a running server."""
    from importlib.metadata import entry_points

    found = tuple(entry_points(group=GROUP, name="fleet"))
    if not found:
        raise CountertopError("No fleet screen is installed.", "Reinstall countertop, which brings one.")
    show = found[0].load()
    show(url)
