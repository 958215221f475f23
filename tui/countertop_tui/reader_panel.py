"""One reader: its screen as it is, its lights, what it is doing, and what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text
from textual.widgets import Static

LIGHTS = {"off": ("○", ""), "blinking": ("◐", "green"), "on": ("●", "green")}


class ReaderPanel(Static):
    """Shows the view of one reader; nothing for none."""

    def show(self, view: Mapping[str, Any] | None) -> None:
        """Show this reader."""
        self.update("" if view is None else drawn(view))


def drawn(view: Mapping[str, Any]) -> RenderableType:
    """A reader as text."""
    parts: list[RenderableType] = [
        Text(str(view["label"] or view["serial"]), style="bold"),
        Text(f"{view['id'] or 'not registered'} · {view['device_type']} · {view['serial']}"),
        Text(),
        Text(view["screen"]["text"]),
        _signals(view["signals"]),
        Text(),
        Text(f"state     {view['state']}"),
    ]
    if view["pairing_code"]:
        parts.append(Text(f"code      {view['pairing_code']}", style="bold"))
    if view["battery"]:
        battery = view["battery"]
        parts.append(Text(f"battery   {battery['percent']}%{' charging' if battery['charging'] else ''}"))
    parts.append(Text(f"software  {view['software'] or '-'}"))
    if view["faults"]:
        parts.append(Text(f"faults    {', '.join(view['faults'])}", style="red"))
    if view["action"]:
        parts += [Text(), Text("action", style="bold"), Text(json.dumps(view["action"], indent=2))]
    return Group(*parts)


def _signals(signals: Mapping[str, Any]) -> Text:
    text = Text("  ")
    for light in signals["lights"]:
        glyph, style = LIGHTS[light]
        text.append(f" {glyph} ", style=style)
    if signals["tone"]:
        text.append(f"  ♪ {signals['tone']}")
    if signals["armed"]:
        text.append(f"  takes: {', '.join(signals['armed'])}")
    return text
