"""A panel with a table of records, and beside it the record under the cursor as a tree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Tree

from countertop.client import ServerClient
from countertop.client.sse import StreamItem
from countertop_tui.columns import Column
from countertop_tui.desk import Desk
from countertop_tui.line_table import LineTable
from countertop_tui.panel import Panel
from countertop_tui.record_table import Record, RecordTable

EVERY_S = 0.3


class RecordPanel(Panel):
    """Says in ``COLUMNS`` what is shown, in ``records`` what is asked for, in ``STIRS`` what makes it ask again."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f5", "reload", "Reload", show=False)]
    COLUMNS: ClassVar[Sequence[Column]] = ()
    STIRS: ClassVar[tuple[str, ...]] = ()

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._asking = self._stirred = False

    def on_mount(self) -> None:
        """However much happens, it asks only so often."""
        self.set_interval(EVERY_S, self._ask_again)

    def compose(self) -> ComposeResult:
        """Table and tree."""
        with Horizontal():
            yield RecordTable(self.COLUMNS)
            yield Tree[Any]("", classes="detail")

    def records(self, client: ServerClient) -> list[Record]:
        """Ask for what is shown.  Runs in a thread."""
        raise NotImplementedError

    def detail(self, record: Record) -> Any:
        """What the tree shows of a record."""
        return record.data

    @property
    def table(self) -> RecordTable:
        """The records."""
        return self.query_one(RecordTable)

    @property
    def selected(self) -> Record | None:
        """The one under the cursor."""
        return self.table.selected

    def opened(self) -> None:
        """Ask for everything anew."""
        self.action_reload()
        if self.app.focused is None or self not in self.app.focused.ancestors:
            self.table.focus()

    def heard(self, items: Sequence[StreamItem]) -> None:
        """Ask again when something happened that is shown here."""
        self._stirred = self._stirred or any(self.stirs(item) for item in items)

    def stirs(self, item: StreamItem) -> bool:
        """Whether an item is about what is shown."""
        return item.topic == "event" and str(item.data.get("type", "")).startswith(self.STIRS)

    def action_reload(self) -> None:
        """Ask for everything anew."""
        if self._asking:
            self._stirred = True  # once more, when the answer is there
            return
        self._asking, self._stirred = True, False
        self.desk.ask(self.records, self._answered, self._failed)

    def on_line_table_moved(self, message: LineTable.Moved) -> None:
        """Another record is looked at."""
        self._show()

    def _ask_again(self) -> None:
        if self._stirred and self.display:
            self.action_reload()

    def _answered(self, records: list[Record]) -> None:
        self._asking = False
        self.loaded(records)

    def _failed(self, why: str) -> None:
        self._asking = False

    def loaded(self, records: list[Record]) -> None:
        """Show these."""
        if self.is_mounted:
            self.table.load(records)
            self._show()
            self.refresh_bindings()

    def _show(self) -> None:
        tree = self.query_one(Tree)
        record = self.selected
        tree.clear()
        if record is None:
            tree.root.set_label("Nothing here yet.")
            return
        tree.add_json(self.detail(record), tree.root)
        tree.root.set_label(" ".join(record.cells[:2]))
        tree.root.expand_all()
