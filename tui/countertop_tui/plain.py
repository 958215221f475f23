"""The fleet as a plain table: one line for each reader of a running server."""

from __future__ import annotations

import sys
from typing import Any, TextIO

from countertop.client import ServerClient

HEAD = ("ID", "LABEL", "TYPE", "ACCOUNT", "LOCATION", "STATUS", "ACTION", "SCREEN")


def main(url: str, out: TextIO | None = None) -> None:
    """Print the readers of the server at ``url``.  Raises ServerNotRunning when nothing answers there."""
    with ServerClient(url) as client:
        readers = client.readers()
    print(draw(readers), file=out or sys.stdout)


def draw(readers: list[dict[str, Any]]) -> str:
    """The table, and a line that counts."""
    rows = [
        HEAD,
        *(_row(view) for view in sorted(readers, key=lambda view: (view["key"] or "", view["label"] or ""))),
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    online = sum(1 for view in readers if view["status"] == "online")
    lines.append(f"{len(readers)} readers, {online} online")
    return "\n".join(lines)


def _row(view: dict[str, Any]) -> tuple[str, ...]:
    action = view["action"]
    return (
        view["id"] or view["serial"],
        view["label"] or "-",
        view["device_type"] or "-",
        view["key"] or "-",
        view["location"] or "-",
        view["status"] or "not registered",
        f"{action['type']} {action['status']}" if action else "-",
        _line(view["screen"]["text"]),
    )


def _line(screen: str) -> str:
    """A screen in one line: its texts without the frame."""
    texts = (line.strip("│┌┐└┘─ ") for line in screen.splitlines())
    return " / ".join(text for text in texts if text)[:60]
