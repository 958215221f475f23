"""A table of records that a panel has loaded: each with a key, its cells and perhaps a colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.style import Style

from countertop_tui.columns import Column
from countertop_tui.line_table import Cell, LineTable


@dataclass(frozen=True, slots=True)
class Record:
    """A line.  ``key``: by which it is found again; ``data``: what stands behind it."""

    key: str
    cells: tuple[str, ...]
    data: Any = field(default=None, repr=False)
    color: str = ""


class RecordTable(LineTable):
    """Shows what it was given last."""

    def __init__(self, columns: Sequence[Column], *, id: str | None = None) -> None:  # Textual's name
        super().__init__(columns, id=id)
        self.records: list[Record] = []
        self._lines: dict[str, int] = {}

    @property
    def selected(self) -> Record | None:
        """The record under the cursor."""
        return self.records[self.at] if self.at < len(self.records) else None

    def load(self, records: Sequence[Record]) -> None:
        """Show these."""
        self.records = list(records)
        self._lines = {record.key: at for at, record in enumerate(self.records)}
        self.arranged()

    def count(self) -> int:
        """How many there are."""
        return len(self.records)

    def key_at(self, at: int) -> str:
        """Its key."""
        return self.records[at].key

    def line_of(self, key: str) -> int | None:
        """Where it stands."""
        return self._lines.get(key)

    def cells_at(self, at: int) -> list[Cell]:
        """Its cells."""
        record = self.records[at]
        style = Style(color=record.color) if record.color else Style()
        return [(text, style) for text in record.cells]
