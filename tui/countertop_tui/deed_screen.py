"""How something that was done here is done elsewhere: the command line, and the calls."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Label, Static

from countertop_tui.deeds import Deed


class DeedScreen(ModalScreen[None]):
    """Shows a deed; its lines can be copied."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "Close"),
        Binding("c", "copy('command')", "Copy the command"),
        Binding("a", "copy('calls')", "Copy the API calls"),
    ]

    def __init__(self, deed: Deed, url: str) -> None:
        super().__init__(classes="dialog")
        self._deed = deed
        self._texts = {"command": deed.command, "calls": deed.curl(url)}

    def compose(self) -> ComposeResult:
        """Both forms."""
        with VerticalScroll(classes="box wide"):
            yield Label(self._deed.title, markup=False, classes="heading")
            yield Label("\nCommand line (c copies it)")
            yield Static(self._texts["command"] or "There is no command for it.", markup=False, classes="code")
            yield Label("\nAPI (a copies it)")
            yield Static(self._texts["calls"] or "It has not asked the server yet.", markup=False, classes="code")

    def action_copy(self, which: str) -> None:
        """Copy one of them; the calls when there is no command."""
        text = self._texts[which] or self._texts["calls"]
        self.app.copy_to_clipboard(text)
        self.app.notify(text, title="Copied", markup=False)

    def action_close(self) -> None:
        """Back."""
        self.dismiss(None)
