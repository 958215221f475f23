"""What the keys do, made from the bindings that are in force."""

from __future__ import annotations

from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import VerticalScroll
from textual.dom import DOMNode
from textual.screen import ModalScreen
from textual.widgets import Static

NAMES = {
    "FleetApp": "Everywhere",
    "ReadersPanel": "Readers",
    "FleetTable": "Table",
    "RecordTable": "Table",
    "PlacesPanel": "Locations",
    "ParcelsPanel": "Parcels",
    "WebhooksPanel": "Webhooks",
    "ClockPanel": "Clock",
    "LogPanel": "Log",
}
KEYS = {
    "slash": "/", "question_mark": "?", "space": "Space", "escape": "Esc", "enter": "Enter", "pageup": "PgUp",
    "pagedown": "PgDn", "up": "↑", "down": "↓", "left": "←", "right": "→",
}  # fmt: skip


class Help(ModalScreen[None]):
    """Shows the keys of wherever one was when it was opened."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q", "close", "Close")]

    def __init__(self, bindings: dict[str, ActiveBinding], panel: DOMNode | None) -> None:
        super().__init__(classes="dialog")
        self._shown = table_of({**idle_bindings(panel), **bindings})

    def compose(self) -> ComposeResult:
        """The list."""
        with VerticalScroll(classes="box help"):
            yield Static(self._shown)

    def action_close(self) -> None:
        """Back."""
        self.dismiss(None)


def idle_bindings(panel: DOMNode | None) -> dict[str, ActiveBinding]:
    """Those of a panel, as if none did anything now."""
    if panel is None:
        return {}
    return {
        binding.key: ActiveBinding(panel, binding, False)
        for binding in Binding.make_bindings(panel.BINDINGS)
        if binding.description
    }


def table_of(bindings: dict[str, ActiveBinding]) -> Table:
    """Keys by where they belong; those that do nothing at the moment are dim."""
    groups: dict[str, dict[str, tuple[list[str], bool]]] = {}
    for key, active in bindings.items():
        where = NAMES.get(type(active.node).__name__)
        words = active.binding.description
        if where is None or not words:
            continue
        keys, _ = groups.setdefault(where, {}).setdefault(words, ([], active.enabled))
        keys.append(active.binding.key_display or shown(key))
    table = Table.grid(padding=(0, 2))
    for where in sorted(groups, key=lambda name: (name == "Everywhere", name)):
        table.add_row(Text(where, "bold underline"))
        for words, (keys, enabled) in groups[where].items():
            style = "" if enabled else "dim"
            table.add_row(Text("  " + " ".join(keys), f"bold {style}"), Text(words, style))
        table.add_row("")
    return table


def shown(key: str) -> str:
    """A key as people write it."""
    if key in KEYS:
        return KEYS[key]
    return key.replace("ctrl+", "Ctrl+")
