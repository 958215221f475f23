"""The log: requests to the API, events, webhooks, and what was done from here, and the commands for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual.binding import Binding, BindingType

from countertop.client.sse import StreamItem
from countertop_tui.columns import Column
from countertop_tui.log_lines import LogLine
from countertop_tui.record_panel import RecordPanel
from countertop_tui.record_table import Record

SHOWN = 500
KINDS = ("", "request", "event", "webhook", "done")
COLORS = {"request": "", "event": "cyan", "webhook": "magenta", "done": "green", "refused": "red", "server": "yellow"}


class LogPanel(RecordPanel):
    """The last five hundred lines, newest first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "only", "Show only"),
        Binding("y", "copy_line", "Copy line"),
    ]
    COLUMNS = (Column("time", "Time", 9), Column("kind", "Kind", 9), Column("text", "What happened", 110))

    def __init__(self, desk: Any) -> None:
        super().__init__(desk)
        self._only = ""
        self._seen = -1

    def heard(self, items: Sequence[StreamItem]) -> None:
        """Lines that came."""
        if self._seen != self.desk.log.count:
            self.loaded(self._lines())

    def action_reload(self) -> None:
        """Show what is there now."""
        self.loaded(self._lines())

    def action_only(self) -> None:
        """Only one kind of lines, the next one; then all again."""
        self._only = KINDS[(KINDS.index(self._only) + 1) % len(KINDS)]
        self.border_subtitle = self._only
        self.action_reload()

    def action_copy_line(self) -> None:
        """Copy the line, and the commands behind it."""
        record = self.selected
        if record is not None:
            line: LogLine = record.data
            more = "\n".join(filter(None, line.detail)) if line.kind in ("done", "refused") else ""
            self.app.copy_to_clipboard(more or line.text)
            self.app.notify(more or line.text, title="Copied", markup=False)

    def detail(self, record: Record) -> Any:
        """What stands behind a line."""
        line: LogLine = record.data
        return line.detail if line.detail is not None else {"text": line.text}

    def _lines(self) -> list[Record]:
        self._seen = self.desk.log.count
        wanted = [line for line in reversed(self.desk.log.lines) if self._only in ("", line.kind)]
        return [
            Record(
                str(line.number),
                (line.time, line.kind, line.text),
                line,
                "red" if line.bad else COLORS.get(line.kind, ""),
            )
            for line in wanted[:SHOWN]
        ]
