"""``countertop fleet``: the screen that a package registers as ``fleet``."""

from __future__ import annotations

import click

from countertop.cli.options import key_option
from countertop.errors import ConfigurationError, CountertopError

GROUP = "countertop.screens"
WEB_PORT = 8042


@click.command()
@click.argument("address", metavar="[URL]", required=False, envvar="COUNTERTOP_URL")
@click.option("--url", help="The same as URL.")
@key_option
@click.option("--web", is_flag=True, help="Serve the screens to a browser on this machine.")
@click.option("--port", type=click.IntRange(0, 65535), default=WEB_PORT, show_default=True, help="Port of --web.")
def fleet(address: str | None, url: str | None, key: str, web: bool, port: int) -> None:
    """Watch and drive all readers of a server, in the terminal or in a browser.

    Without URL it starts a server of its own, in memory, and ends it when it closes. Where there is no terminal it
    prints a table of http://127.0.0.1:4242.
    """
    from importlib.metadata import entry_points

    if address is not None and url is not None and address != url:
        raise ConfigurationError("There are two addresses.", "Give URL or --url, not both.")
    found = tuple(entry_points(group=GROUP, name="fleet"))
    if not found:
        raise CountertopError("No fleet screen is installed.", "Reinstall countertop, which brings one.")
    show = found[0].load()
    show(address or url, key, port if web else None)
