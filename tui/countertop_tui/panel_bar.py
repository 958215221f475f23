"""The line of panels, with the key of each; to be clicked as well."""

from __future__ import annotations

from rich.style import Style
from rich.text import Text
from textual.widgets import Static

from countertop_tui.panels import PANELS


class PanelBar(Static):
    """Shows which panel is looked at."""

    def show(self, name: str) -> None:
        """Draw it anew."""
        text = Text(no_wrap=True)
        for number, entry in enumerate(PANELS, 1):
            style = Style(bold=True, reverse=entry.name == name)
            text.append(f" {number} {entry.title} ", style + Style.from_meta({"@click": f"app.panel('{entry.name}')"}))
            text.append(" ")
        text.append(" ? keys  Ctrl+P all  Ctrl+O jump", "dim")
        self.update(text)
