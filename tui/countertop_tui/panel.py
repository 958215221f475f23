"""What a panel is: a part of the screen with keys of its own, that hears what happens while it is there."""

from __future__ import annotations

from collections.abc import Sequence

from textual.containers import Vertical

from countertop.client.sse import StreamItem
from countertop_tui.desk import Desk


class Panel(Vertical):
    """One of the screens of the fleet.  Made when it is first looked at, with the desk that all share."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(classes="panel")
        self.desk = desk

    def opened(self) -> None:
        """It is looked at now: ask for what it shows, and take the keyboard."""

    def heard(self, items: Sequence[StreamItem]) -> None:
        """What happened since the last frame; only while it is looked at."""

    def found(self) -> None:
        """The server is there (again): what was known may be wrong."""
        self.opened()
