"""What ``countertop fleet`` shows: the screens in a terminal or a browser, a plain table anywhere else."""

from __future__ import annotations

import importlib.util
import os
import sys
from contextlib import ExitStack

from countertop.client import DEFAULT_KEY, DEFAULT_URL, ServerClient
from countertop.errors import MissingExtra
from countertop_tui import plain

TEXTUAL = "textual"
OWN = "A server of its own, in memory: {}. Its readers are gone when this closes; countertop up keeps them."


def main(url: str | None = None, key: str = DEFAULT_KEY, web_port: int | None = None) -> None:
    """Show the fleet of the server at ``url``; None: of one that is started for it.

    ``key``: the account that new things are of.  ``web_port``: serve the screens to browsers there.  What has no
    terminal gets a table instead, of the usual server by default.
    Raises MissingExtra without ``[tui]`` (``[web]``), ServerNotRunning when there is no table to show.
    """
    # textual-serve says by this variable that it stands where a terminal would.
    on_screen = web_port is not None or "TEXTUAL_DRIVER" in os.environ or (sys.stdin.isatty() and sys.stdout.isatty())
    if not on_screen:
        plain.main(url or DEFAULT_URL)
        return
    if importlib.util.find_spec(TEXTUAL) is None:
        raise MissingExtra("The fleet screen", "tui")
    with ExitStack() as stack:
        note = ""
        if url is None:
            from countertop_tui.own_server import own_server

            url = stack.enter_context(own_server())
            note = OWN.format(url)
        ServerClient(url).close()  # an address that is none is told here, and not by a banner for ever
        if web_port is not None:
            from countertop_tui import web

            web.serve(url, key, web_port)
            return
        from countertop_tui.app import FleetApp
        from countertop_tui.memory import Memory, usual_file

        FleetApp(url, key=key, memory=Memory.read(usual_file(os.environ)), note=note, alone=True).run()
