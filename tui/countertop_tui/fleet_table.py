"""The table of readers: marks, headings of groups, a column for the order."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from textual.binding import Binding, BindingType

from countertop_tui.columns import Column, look_of, style_of
from countertop_tui.fleet_rows import FleetRows, Group
from countertop_tui.line_table import Cell, LineTable

MARK = "✓"
TROUBLE = " !"
"""Something is wrong with it; the column of faults says what."""
HEADING = Style(bold=True, dim=True)
GROUP_KEY = "group:"


class FleetTable(LineTable):
    """The readers of a :class:`FleetRows`, with marks."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "mark", "Mark"),
        Binding("a", "mark_all", "Mark all", show=False),
    ]

    def __init__(self, rows: FleetRows, columns: tuple[Column, ...]) -> None:
        super().__init__(columns, id="fleet")
        self.rows = rows
        self.marked: set[str] = set()

    @property
    def selected(self) -> str | None:
        """The serial under the cursor."""
        return self.cursor if self.cursor in self.rows else None

    @property
    def targets(self) -> list[str]:
        """The marked readers, or the one under the cursor."""
        marked = [serial for serial in self.rows.shown if serial in self.marked]
        return marked or ([] if self.selected is None else [self.selected])

    def arranged(self) -> None:
        """Marks of readers that are gone go as well; those that are only filtered out stay."""
        self.marked = {serial for serial in self.marked if serial in self.rows}
        super().arranged()

    def count(self) -> int:
        """Readers and headings."""
        return len(self.rows.lines)

    def key_at(self, at: int) -> str:
        """A serial, or the name of a group."""
        line = self.rows.lines[at]
        return line if isinstance(line, str) else GROUP_KEY + line.name

    def line_of(self, key: str) -> int | None:
        """The line of a serial, or of a group."""
        found = self.rows.position(key)
        if found is not None or not key.startswith(GROUP_KEY):
            return found
        names = (at for at, line in enumerate(self.rows.lines) if isinstance(line, Group))
        return next((at for at in names if self.key_at(at) == key), None)

    def title_of(self, column: Column) -> str:
        """The order is told by an arrow."""
        name, descending = self.rows.sorted_by
        return f"{column.title} {'▼' if descending else '▲'}" if column.name == name else column.title

    def cells_at(self, at: int) -> list[Cell]:
        """A reader, or a heading."""
        line = self.rows.lines[at]
        if isinstance(line, Group):
            return [(f"── {line.name} ({len(line.serials)})", HEADING)]
        row = self.rows[line]
        cells: list[Cell] = []
        for column in self.columns:
            if column.name == "status":
                glyph = MARK if line in self.marked else look_of(row)[0]
                text = f"{glyph} {row.status}{TROUBLE if row.faults else ''}"
            elif column.name == "location":
                text = self.rows.place_name(row)
            else:
                text = str(getattr(row, column.name))
            cells.append((text, style_of(row, column)))
        if line in self.marked and self.columns[0].name != "status":
            text, style = cells[0]
            cells[0] = f"{MARK} {text}", style
        return cells

    def action_mark(self) -> None:
        """Mark the reader, or take the mark off; on a heading, all of its readers.  The cursor goes on."""
        if self.at >= self.count():
            return
        line = self.rows.lines[self.at]
        serials = {line} if isinstance(line, str) else set(line.serials)
        self.marked = self.marked - serials if serials <= self.marked else self.marked | serials
        self.refresh()
        if isinstance(line, str):
            self.action_move(1)

    def action_mark_all(self) -> None:
        """Mark all that are shown, or none."""
        shown = set(self.rows.shown)
        self.marked = self.marked - shown if shown <= self.marked else self.marked | shown
        self.refresh()
