"""What ``countertop fleet`` shows: the screen in a terminal, a plain table anywhere else."""

from __future__ import annotations

import importlib.util
import sys

from countertop.errors import MissingExtra
from countertop_tui import plain


def main(url: str) -> None:
    """Show the fleet of the server at ``url``.

    Raises MissingExtra in a terminal without ``[tui]``, ServerNotRunning when nothing answers and nobody could wait.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        plain.main(url)
        return
    if importlib.util.find_spec("textual") is None:
        raise MissingExtra("The fleet screen", "tui")
    from countertop_tui.app import FleetApp

    FleetApp(url).run()
