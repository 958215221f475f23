"""The PIN pad: digits by key or by mouse, shown as dots, sent as one."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid, Vertical
from textual.widgets import Button, Label

from countertop_tui.dialogs import Dialog

KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "⌫", "0", "OK")
LONGEST = 12


class PinPad(Dialog):
    """Answers the digits."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "send", "OK", priority=True),
        Binding("backspace", "back", "Back", show=False),
        *(Binding(digit, f"digit('{digit}')", show=False) for digit in "0123456789"),
    ]

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self._digits = ""

    def compose(self) -> ComposeResult:
        """Dots above twelve keys."""
        with Vertical(classes="box pin"):
            yield Label(self.question, markup=False)
            yield Label(self._dots(), id="dots")
            with Grid():
                for key in KEYS:
                    button = Button(key, name=key, compact=True)
                    button.can_focus = False
                    yield button

    def action_digit(self, digit: str) -> None:
        """One more."""
        self._digits = (self._digits + digit)[:LONGEST]
        self._show()

    def action_back(self) -> None:
        """One less."""
        self._digits = self._digits[:-1]
        self._show()

    def action_send(self) -> None:
        """It is typed."""
        if self._digits:
            self.dismiss(self._digits)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        key = event.button.name or ""
        if key == "OK":
            self.action_send()
        elif key == "⌫":
            self.action_back()
        else:
            self.action_digit(key)

    def _show(self) -> None:
        self.query_one("#dots", Label).update(self._dots())

    def _dots(self) -> str:
        return " ".join("●" * len(self._digits)) or "_ _ _ _"
