"""A device as a picture in text: lights, live screen with buttons to click, slot and what is in it, battery."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from rich.style import Style
from rich.text import Text

INNER = 36
"""Columns of the screen with its frame."""
LEAST_ROWS = 11
"""Rows of glass; shorter screens are padded, so that the picture does not jump."""
LIGHTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"off": ("○", "dim"), "blinking": ("◐", "green"), "on": ("●", "bold green")}
)
GLASS: Mapping[str, str] = MappingProxyType(
    {
        "approved": "bold green",
        "declined": "bold red",
        "fault": "bold red",
        "pin": "bold",
        "off": "dim",
        "wait": "yellow",
        "thanks": "green",
    }
)
BUTTON = re.compile(r"\[ (.+?) \]")
ICONS: Mapping[str, str] = MappingProxyType({"approved": "✓", "declined": "✗"})
PRESENT: Mapping[str, str] = MappingProxyType({"tap": ")) tap", "insert": "▲ insert", "swipe": "↔ swipe"})
CELLS = 5


def picture(view: Mapping[str, Any], title: str) -> Text:
    """The device of a view, 40 columns wide, lines of fixed length."""
    return Text("\n", no_wrap=True).join(_rows(view, title))


def _rows(view: Mapping[str, Any], title: str) -> Iterator[Text]:
    edge = "─" * (INNER + 2)
    yield Text(f"╭{edge}╮")
    yield _framed(_top(view, title))
    screen = view["screen"]
    buttons = iter(screen["buttons"])
    glass = GLASS.get(screen["prompt"], "")
    for line in _glass(screen["text"], ICONS.get(screen["prompt"], "")):
        yield _framed(_with_buttons(Text(line, glass), line, buttons))
    yield _framed(_present(view))
    slot = "▄▄ card ▄▄" if view.get("card_in_slot") else "          "
    yield Text(f"╰{'─' * 14}┤") + Text(slot, "bold yellow") + Text(f"├{'─' * (INNER - 14 - 10)}╯")


def _framed(line: Text) -> Text:
    line.truncate(INNER, pad=True)
    return Text("│ ") + line + Text(" │")


def _top(view: Mapping[str, Any], title: str) -> Text:
    line = Text()
    for light in view["signals"]["lights"]:
        glyph, style = LIGHTS[light]
        line.append(f"{glyph} ", style)
    battery = _battery(view["battery"])
    room = INNER - len(line) - len(battery) - 2
    line.append(f" {title[:room]:^{room}} ", "bold")
    line.append_text(battery)
    return line


def _battery(battery: Mapping[str, Any] | None) -> Text:
    if battery is None:
        return Text("⏚ mains", "dim")
    percent = int(battery["percent"])
    full = min(CELLS, (percent * CELLS + 99) // 100)
    style = "red" if percent <= 20 else "green"
    mark = "+" if battery["charging"] else " "
    return Text("▮" * full, style) + Text("▯" * (CELLS - full), "dim") + Text(f"{percent:>4}%{mark}")


def _glass(text: str, icon: str) -> list[str]:
    lines = text.splitlines() or [""]
    width = INNER - 2
    if len(lines) < 2:  # no power: black glass
        lines = [f"┌{'─' * width}┐", f"└{'─' * width}┘"]
    missing = LEAST_ROWS - (len(lines) - 2)
    inner = [f"│{icon:^{width}}│"] if icon and missing > 0 else []
    blank = f"│{' ' * width}│"
    above = max(missing - len(inner), 0) // 2
    below = max(missing - len(inner) - above, 0)
    return [lines[0], *[blank] * above, *inner, *lines[1:-1], *[blank] * below, lines[-1]]


def _with_buttons(text: Text, line: str, names: Iterator[str]) -> Text:
    """The buttons of a line can be clicked; their names come in the order in which they stand on the glass."""
    for found in BUTTON.finditer(line):
        name = next(names, None)
        if name is None:
            break
        link = Style(reverse=True) + Style.from_meta({"@click": f"app.press_button('{name}')"})
        text.stylize(link, found.start(), found.end())
    return text


def _present(view: Mapping[str, Any]) -> Text:
    signals = view["signals"]
    armed: Sequence[str] = signals["armed"]
    ways = "   ".join(PRESENT[way] for way in armed if way in PRESENT)
    if ways:
        return Text(f"{ways:^{INNER}}", "cyan")
    if signals["tone"]:
        return Text(f"{'♪ ' + signals['tone']:^{INNER}}", "dim")
    return Text()
