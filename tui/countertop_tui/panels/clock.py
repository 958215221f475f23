"""The bench's clock: what time it is there, how fast it runs; freeze it, step it, set its speed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Button, Digits, Static

from countertop.client import ServerClient
from countertop.client.sse import StreamItem
from countertop.errors import ConfigurationError
from countertop_tui.deeds import Deed
from countertop_tui.dialogs import Ask
from countertop_tui.panel import Panel

SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
STEPS = {"step_minute": MINUTE, "step_hour": HOUR, "step_day": DAY, "step_week": 7 * DAY}
UNITS = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}


class ClockPanel(Panel):
    """Asks once a second; what others do to the clock comes by the stream."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "freeze", "Freeze/run"),
        Binding("m", "step('step_minute')", "+1 minute"),
        Binding("h", "step('step_hour')", "+1 hour"),
        Binding("d", "step('step_day')", "+1 day"),
        Binding("w", "step('step_week')", "+1 week", show=False),
        Binding("a", "advance", "Advance by"),
        Binding("s", "speed", "Speed"),
    ]

    def __init__(self, desk: Any) -> None:
        super().__init__(desk)
        self._clock: dict[str, Any] = {}

    def compose(self) -> ComposeResult:
        """Large digits, words, and buttons for those who point."""
        yield Digits("--:--:--", id="time")
        yield Static(id="date")
        with Horizontal(id="clock-buttons"):
            yield Button("Freeze/run", id="freeze", compact=True)
            yield Button("+1 minute", id="step_minute", compact=True)
            yield Button("+1 hour", id="step_hour", compact=True)
            yield Button("+1 day", id="step_day", compact=True)
            yield Button("+1 week", id="step_week", compact=True)
            yield Button("Advance by…", id="advance", compact=True)
            yield Button("Speed…", id="speed", compact=True)

    def on_mount(self) -> None:
        """It goes on by itself."""
        self.set_interval(1.0, self._ask)

    def opened(self) -> None:
        """What time is it?"""
        self._ask()
        self.query_one("#freeze", Button).focus()

    def heard(self, items: Sequence[StreamItem]) -> None:
        """Somebody set it."""
        for item in items:
            if item.topic == "clock":
                self._show(item.data)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        match event.button.id or "":
            case "freeze":
                self.action_freeze()
            case "advance":
                self.action_advance()
            case "speed":
                self.action_speed()
            case name:
                self.action_step(name)

    def action_freeze(self) -> None:
        """Stop it, or let it run."""
        frozen = bool(self._clock.get("frozen"))
        self._do("Let the clock run" if frozen else "Freeze the clock", lambda client: client.freeze(not frozen))

    def action_step(self, name: str) -> None:
        """So much later at once, with everything that falls due."""
        self._do(f"Clock: {name.replace('_', ' ')}", lambda client: client.advance(STEPS[name]))

    def action_advance(self) -> None:
        """By a time that is typed."""

        def typed(text: str | None) -> None:
            if text:
                self._do(f"Advance the clock by {text}", lambda client: client.advance(_milliseconds(text)))

        self.app.push_screen(Ask("Advance by (90s, 5m, 2h, 3d)", "15m"), typed)

    def action_speed(self) -> None:
        """Seconds per second."""

        def typed(text: str | None) -> None:
            if text:
                self._do(f"Clock at speed {text}", lambda client: client.set_speed(_number(text)))

        self.app.push_screen(Ask("Speed: seconds per second", "60"), typed)

    def _do(self, title: str, work: Any) -> None:
        self.desk.do(Deed(title), work, self._show)

    def _ask(self) -> None:
        if self.display and self.is_mounted:
            self.desk.ask(ServerClient.clock, self._show)

    def _show(self, clock: dict[str, Any]) -> None:
        if not self.is_mounted:
            return
        self._clock = clock
        now = datetime.fromtimestamp(clock["now_ms"] / 1000, UTC)
        self.query_one("#time", Digits).update(now.strftime("%H:%M:%S"))
        runs = "stands still" if clock["frozen"] else f"runs at {clock['speed']:g} seconds per second"
        text = Text(f"{now:%A, %d %B %Y}  UTC\n", "bold")
        text.append(f"{runs}   {clock['now_ms']} ms", "yellow" if clock["frozen"] else "green")
        self.query_one("#date", Static).update(text)


def _milliseconds(text: str) -> int:
    number, unit = text.strip()[:-1], text.strip()[-1:]
    if unit not in UNITS or not (number.isascii() and number.isdigit()) or len(number) > 9:
        raise ConfigurationError(f"{text!r} is no time.", "Write one such as 90s, 5m, 2h or 3d.")
    return int(number) * UNITS[unit]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ConfigurationError(f"{text!r} is no speed.", "Write seconds per second, such as 60.") from None
