"""The fleet screens on a terminal that is not there, over a real server with a bench in virtual time."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input

from countertop.bench import Bench
from countertop.server import LiveServer
from countertop_tui.app import FleetApp
from countertop_tui.memory import Memory
from countertop_tui.panels.readers import ReadersPanel

PATIENCE_S = 20.0


class Seat:
    """Somebody before the screen."""

    def __init__(self, app: FleetApp, pilot: Pilot[None], bench: Bench, server: LiveServer) -> None:
        self.app, self.pilot, self.bench, self.server = app, pilot, bench, server

    @property
    def readers(self) -> ReadersPanel:
        return self.app.query_one(ReadersPanel)

    async def until(self, true: Callable[[], Any], what: str = "") -> None:
        """Wait until something is so; no longer than twenty seconds."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + PATIENCE_S
        while not true():
            assert loop.time() < ends, what or "it did not come"
            await self.pilot.pause(0.02)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Instead of what stands in the line that has the keyboard."""
        line = self.app.focused
        assert isinstance(line, Input)
        # A key takes a twentieth of a second: only the last letter is pressed, after the others stand there.
        line.value = text[:-1]
        line.cursor_position = len(line.value)
        await self.pilot.press(text[-1])
        await self.pilot.pause()

    async def go_to(self, serial: str) -> None:
        await self.until(lambda: self.readers.table.line_of(serial) is not None, "the reader is not in the table")
        self.readers.table.go_to(serial)
        await self.until(lambda: self.readers.view.serial == serial)

    async def dialog(self, kind: type) -> Any:
        await self.until(lambda: isinstance(self.app.screen, kind), f"no {kind.__name__} opened")
        await self.pilot.pause()
        for line in self.app.screen.query(Input):
            line.cursor_blink = False
        return self.app.screen

    async def settled(self) -> None:
        """Everything that was asked is answered and drawn."""
        refreshing = self.readers.refreshing

        def quiet() -> bool:
            return not refreshing.busy and not self.app._heard

        for _ in range(2):
            await self.pilot.pause(0.1)  # frames come every 33 ms, and the cursor rests for 80
            self.readers._sweep()
            await self.until(quiet)
        await self.pilot.pause(0.05)

    def text(self) -> str:
        """What the screen shows, as lines of text."""
        width, height = self.app.size
        lines = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in line)[:width] for line in lines[:height])

    def svg(self) -> str:
        """The same as a picture, without the number that is made up for each."""
        return re.sub(r"terminal-\d+", "terminal", self.app.export_screenshot(title="Countertop"))


def sit_down(
    bench: Bench,
    work: Callable[[Seat], Awaitable[None]],
    size: tuple[int, int] = (120, 40),
    memory: Memory | None = None,
) -> None:
    """Open the screens over the bench, and do something there."""

    async def run() -> None:
        with LiveServer(bench) as server:
            app = FleetApp(server.url, memory=memory or Memory())
            expected = len(bench.transact(lambda tx: bench.devices.serials(tx)))
            async with app.run_test(size=size) as pilot:
                seat = Seat(app, pilot, bench, server)
                await seat.until(lambda: len(app.desk.rows) == expected and app.desk.kinds.faults, "no fleet came")
                for line in app.query(Input):
                    line.cursor_blink = False
                await seat.settled()
                await work(seat)

    asyncio.run(run())
