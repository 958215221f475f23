"""What happened on a bench, in order, as text: API calls, reader steps, events, webhooks."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from countertop.feed import Feed, FeedItem

MOST_LINES = 400
MOST_PARAMETERS = 160


class Transcript:
    """Watches a feed and keeps the last few hundred lines.  Rendering is put off until somebody asks."""

    def __init__(self, feed: Feed) -> None:
        self._items: deque[FeedItem] = deque(maxlen=MOST_LINES)
        self._start_ms: int | None = None
        self.stop: Callable[[], None] = feed.watch(self._see)

    def _see(self, item: FeedItem) -> None:
        if self._start_ms is None:
            self._start_ms = item.at_ms
        self._items.append(item)

    @property
    def text(self) -> str:
        """One line for each thing that happened; times are seconds of bench time since the first."""
        start = self._start_ms or 0
        return "\n".join(f"{(item.at_ms - start) / 1000:9.3f}  {_line(item)}" for item in self._items)


def _line(item: FeedItem) -> str:
    data = item.data
    if item.topic == "request":
        return _request(data)
    if item.topic == "event":
        return f"event     {data['type']} {data.get('object') or ''}".rstrip()
    if item.topic == "reader":
        return f"reader    {data['serial']} {data['state']}: {_first_line(data)}"
    if item.topic == "webhook":
        outcome = data["status"] if data["status"] is not None else data["error"]
        return f"webhook   {data['type']} -> {data['url']} attempt {data['attempt']}: {outcome}"
    if item.topic == "device":
        return _device(data)
    return f"{item.topic:<9} {data}"


def _device(data: dict[str, Any]) -> str:
    if "name" in data:
        return f"card      {data['serial']} {data['name']} {data['response'][-4:]}"
    attached = data["attached"]
    what = "lets go of its device" if attached is None else f"has {attached['device']} as its card slot"
    return f"device    {data['serial']} {what}"


def _request(data: dict[str, Any]) -> str:
    shown = " ".join(f"{name}={value}" for name, value in data["params"].items())
    if len(shown) > MOST_PARAMETERS:
        shown = shown[: MOST_PARAMETERS - 1] + "…"
    line = f"{data['method']:<9} {data['path']} {shown}".rstrip() + f" -> {data['status']}"
    error = data.get("error")
    if error:
        code = error.get("code") or error["type"]
        line += f" {code}: {error.get('message', '')}"
    return line


def _first_line(data: dict[str, Any]) -> str:
    screen = data.get("screen") or {}
    parts = [screen.get("title", ""), *screen.get("lines", ())]
    return " | ".join(str(part) for part in parts if part)
