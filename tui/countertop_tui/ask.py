"""A line to be typed: a card, a PIN, a filter.  Enter takes it, Escape leaves it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label


class Ask(ModalScreen[str | None]):
    """Asks for one line; the answer is None when it was left."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Leave")]
    DEFAULT_CSS = """
    Ask { align: center middle; }
    Ask > Vertical { width: 50; height: auto; border: round $primary; padding: 1 2; background: $surface; }
    """

    def __init__(self, title: str, usual: str) -> None:
        super().__init__()
        self._title, self._usual = title, usual

    def compose(self) -> ComposeResult:
        """A label, and the line."""
        with Vertical():
            yield Label(self._title)
            yield Input(value=self._usual)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """It was typed."""
        self.dismiss(event.value)

    def action_leave(self) -> None:
        """It was left."""
        self.dismiss(None)
