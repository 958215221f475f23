"""Reading server-sent events."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class StreamItem:
    """One item of the live stream.  ``at_ms`` is bench time (Unix milliseconds); 0 for the topic ``missed``."""

    topic: str
    sequence: int
    at_ms: int
    data: dict[str, Any] = field(repr=False)


def read_items(lines: Iterable[str]) -> Iterator[StreamItem]:
    """The items in a stream's lines; comments (heartbeats) are skipped, a broken last item is dropped."""
    topic, sequence, data = "", 0, ""
    for line in lines:
        name, _, value = line.partition(": ")
        if name == "event":
            topic = value
        elif name == "id":
            sequence = int(value)
        elif name == "data":
            data = value
        elif not line and topic:
            body = json.loads(data)
            if topic == "missed":
                yield StreamItem(topic, 0, 0, body)
            else:
                yield StreamItem(topic, sequence, body["at_ms"], body["data"])
            topic, sequence, data = "", 0, ""
