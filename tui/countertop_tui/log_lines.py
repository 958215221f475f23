"""What happened, in order, as far as anybody can read it: requests, events, webhooks, deeds."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from countertop.client.sse import StreamItem

MOST = 2_000


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line.  ``kind``: request, event, webhook, clock, device, done, refused, server."""

    number: int
    at_ms: int
    kind: str
    text: str
    detail: Any = field(default=None, repr=False)
    bad: bool = False

    @property
    def time(self) -> str:
        """Time of day on the bench's clock, UTC."""
        return datetime.fromtimestamp(self.at_ms / 1000, UTC).strftime("%H:%M:%S") if self.at_ms else ""


class LogLines:
    """The last two thousand lines."""

    def __init__(self) -> None:
        self.lines: deque[LogLine] = deque(maxlen=MOST)
        self.count = 0

    def add(self, at_ms: int, kind: str, text: str, detail: Any = None, *, bad: bool = False) -> None:
        """One more."""
        self.count += 1
        self.lines.append(LogLine(self.count, at_ms, kind, text, detail, bad or kind == "refused"))

    def hear(self, item: StreamItem) -> None:
        """An item of the live stream; what readers do is on their own pages."""
        data = item.data
        match item.topic:
            case "request":
                error = data.get("error") or {}
                why = f"  {error.get('code') or error.get('type', '')}" if error else ""
                text = f"{data['method']} {data['path']} {data['status']}{why}"
                self.add(item.at_ms, "request", text, data, bad=int(data["status"]) >= 400)
            case "event":
                self.add(item.at_ms, "event", f"{data['type']} {data.get('object') or ''}", data)
            case "webhook":
                said = data["status"] if data["status"] is not None else data["error"]
                text = f"{data['type']} → {data['url']} {said} ({data['settled']})"
                self.add(item.at_ms, "webhook", text, data, bad=data["settled"] != "delivered")
            case "clock":
                self.add(item.at_ms, "clock", f"the clock stands at {data['now_ms']} ms, speed {data['speed']}", data)
            case "device" if "attached" in data:
                what = data["attached"]
                text = f"{data['serial']} " + ("lets its device go" if what is None else f"has {what['device']}")
                self.add(item.at_ms, "device", text, data)
            case "missed":
                self.add(0, "server", f"{data['count']} items came too fast to be sent; the fleet is read anew", data)
