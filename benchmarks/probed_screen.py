"""The fleet screen with a probe of its event loop: every five milliseconds, how much later than that it ran."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

from countertop.client import StreamItem
from countertop_tui.app import FleetApp

EVERY_S = 0.005
SKIP_S = 20.0
"""Starting, and loading the fleet, is not what is measured."""


class ProbedScreen(FleetApp):
    """Writes its figures to a file once a second."""

    def __init__(self, url: str, file: Path) -> None:
        super().__init__(url, alone=True)
        self._file = file
        self._probe: asyncio.Task[None] | None = None
        self._items = self._missed = 0

    def _gather(self, item: StreamItem) -> None:
        self._items += 1
        if item.topic == "missed":
            self._missed += int(item.data["count"])
        super()._gather(item)

    def on_ready(self) -> None:
        """Begin to probe."""
        self._probe = asyncio.get_running_loop().create_task(self._measure())

    async def _measure(self) -> None:
        await asyncio.sleep(SKIP_S)
        late: list[float] = []
        written = time.monotonic()
        while True:
            before = time.monotonic()
            await asyncio.sleep(EVERY_S)
            late.append(max(time.monotonic() - before - EVERY_S, 0.0) * 1000)
            if time.monotonic() - written > 1:
                written = time.monotonic()
                order = sorted(late)
                figures = {
                    "p50": order[len(order) // 2],
                    "p99": order[int(len(order) * 0.99)],
                    "most": order[-1],
                    "heard": self._items,
                    "missed": self._missed,
                }
                aside = self._file.with_suffix(".new")
                aside.write_text(json.dumps(figures))
                aside.replace(self._file)


if __name__ == "__main__":
    ProbedScreen(sys.argv[1], Path(sys.argv[2])).run()
