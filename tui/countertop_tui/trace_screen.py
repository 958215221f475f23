"""The trace of the latest sale on a reader, as the command line writes it."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static


class TraceScreen(ModalScreen[None]):
    """A long text that scrolls; Escape closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "close", "Close")]
    DEFAULT_CSS = """
    TraceScreen { align: center middle; }
    TraceScreen > VerticalScroll { width: 95%; height: 95%; border: round $primary; background: $surface; }
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        """The text."""
        with VerticalScroll() as box:
            box.border_title = "Trace"
            yield Static(Text(self._text))

    def on_mount(self) -> None:
        """It scrolls at once."""
        self.query_one(VerticalScroll).focus()

    def action_close(self) -> None:
        """Back to the fleet."""
        self.dismiss(None)
