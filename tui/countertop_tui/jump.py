"""Jumping: a letter on every pane that can take the keyboard; press it and be there."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.events import Key
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Label

LETTERS = "asdfghjklqwertyuiopzxcvbnm"


class Jump(ModalScreen[Widget | None]):
    """Answers the pane whose letter was pressed; None for any other key."""

    def __init__(self, targets: list[Widget]) -> None:
        super().__init__()
        self._targets = dict(zip(LETTERS, targets, strict=False))

    def compose(self) -> ComposeResult:
        """A letter at the corner of each."""
        for letter, target in self._targets.items():
            label = Label(f" {letter} ", classes="jump")
            label.styles.offset = (target.region.x, target.region.y)
            yield label

    def on_key(self, event: Key) -> None:
        """There, or nowhere."""
        event.stop()
        self.dismiss(self._targets.get(event.key))
