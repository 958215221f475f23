"""The fleet as a table of any length: only the lines that are seen are drawn, and only when they changed."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click, Resize
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from countertop_tui.columns import COLUMNS, cell, look_of
from countertop_tui.rows import Fleet

HEAD_LINES = 1
GAP = 1
MARK = "✓"


class FleetTable(ScrollView, can_focus=True):
    """Rows of a :class:`Fleet`, with a cursor and marks.  Draws by the line API: its cost is that of the screen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home,g", "go(0)", "First", show=False),
        Binding("end,G", "go(-1)", "Last", show=False),
        Binding("space", "mark", "Mark"),
    ]

    class Moved(Message):
        """The cursor is on another reader; ``serial`` is None when there is none."""

        def __init__(self, serial: str | None) -> None:
            super().__init__()
            self.serial = serial

    def __init__(self, fleet: Fleet) -> None:
        super().__init__(id="fleet")
        self.fleet = fleet
        self.marked: set[str] = set()
        self._cursor: str | None = None
        self._at = 0

    # --- what is selected ---------------------------------------------------------------------------------------

    @property
    def selected(self) -> str | None:
        """The serial under the cursor."""
        return self._cursor if self._cursor in self.fleet else None

    @property
    def targets(self) -> list[str]:
        """The marked readers, or the one under the cursor."""
        marked = [serial for serial in self.fleet.shown if serial in self.marked]
        return marked or ([self._cursor] if self.selected is not None and self._cursor is not None else [])

    def in_sight(self) -> list[str]:
        """The serials whose rows are on the screen."""
        first = self.scroll_offset.y
        return self.fleet.shown[first : first + self.size.height]

    # --- changes ------------------------------------------------------------------------------------------------

    def arranged(self) -> None:
        """Other rows are shown, or in another order: the cursor stays on its reader where that is still there."""
        shown = self.fleet.shown
        self.virtual_size = Size(sum(column.width + GAP for column in COLUMNS), len(shown) + HEAD_LINES)
        self.marked.intersection_update(shown)
        if self._cursor in shown:
            self._at = shown.index(self._cursor)
        else:
            self._at = min(self._at, max(len(shown) - 1, 0))
            self._put_cursor(shown[self._at] if shown else None)
        self.refresh()

    def changed(self, serial: str) -> None:
        """One row shows something else; nothing is drawn when it is out of sight."""
        first = self.scroll_offset.y
        for line in range(first, min(first + self.size.height, len(self.fleet.shown))):
            if self.fleet.shown[line] == serial:
                self.refresh(Region(0, line - first + HEAD_LINES, self.size.width, 1))
                return

    # --- drawing ------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """One line of the screen: the head stays where it is, rows scroll under it."""
        width = self.size.width
        if y < HEAD_LINES:
            return self._head(width)
        at = self.scroll_offset.y + y - HEAD_LINES
        if at >= len(self.fleet.shown):
            return Strip.blank(width, self.rich_style)
        return self._row(at, width)

    def _head(self, width: int) -> Strip:
        name, descending = self.fleet.sorted_by
        style = self.rich_style + Style(bold=True, reverse=True)
        arrow = "▼" if descending else "▲"
        texts = [f"{column.title} {arrow}" if column.name == name else column.title for column in COLUMNS]
        return self._strip([(text, style) for text in texts], width, style)

    def _row(self, at: int, width: int) -> Strip:
        serial = self.fleet.shown[at]
        row = self.fleet[serial]
        style = self.rich_style
        if serial == self._cursor:
            style += Style(reverse=True) if self.has_focus else Style(bold=True, underline=True)
        cells = []
        for column in COLUMNS:
            text = cell(row, column)
            own = style + look_of(row)[1] if column.name == "status" and serial != self._cursor else style
            if column is COLUMNS[0] and serial in self.marked:
                text = f"{MARK} {text[2:]}"
            cells.append((text, own))
        return self._strip(cells, width, style)

    def _strip(self, cells: list[tuple[str, Style]], width: int, gap: Style) -> Strip:
        segments = []
        for (text, style), column in zip(cells, COLUMNS, strict=True):
            cut = text if len(text) <= column.width else text[: column.width - 1] + "…"
            segments.append(Segment(cut.ljust(column.width), style))
            segments.append(Segment(" " * GAP, gap))
        left = self.scroll_offset.x
        return Strip(segments).crop_extend(left, left + width, gap)

    # --- hands --------------------------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """The cursor goes up or down."""
        self._go(self._at + by)

    def action_page(self, by: int) -> None:
        """So does it by whole pages."""
        self._go(self._at + by * max(self.size.height - HEAD_LINES, 1))

    def action_go(self, to: int) -> None:
        """To the first row, or the last."""
        self._go(to if to >= 0 else len(self.fleet.shown) - 1)

    def action_mark(self) -> None:
        """Mark the reader, or take the mark off; the cursor goes on."""
        if self.selected is not None and self._cursor is not None:
            self.marked.symmetric_difference_update((self._cursor,))
            self.changed(self._cursor)
            self.action_move(1)

    def on_click(self, event: Click) -> None:
        """A click on a title sorts, one on a row selects."""
        if event.y >= HEAD_LINES:
            self._go(self.scroll_offset.y + event.y - HEAD_LINES)
            return
        at = event.x + self.scroll_offset.x
        for column in COLUMNS:
            if at <= column.width:
                self.fleet.sort(column.name)
                self.arranged()
                return
            at -= column.width + GAP

    def on_resize(self, event: Resize) -> None:
        """The cursor stays in sight."""
        self._show_cursor()

    def on_focus(self) -> None:
        """The cursor looks different."""
        self.refresh()

    def on_blur(self) -> None:
        """So it does."""
        self.refresh()

    def _go(self, at: int) -> None:
        shown = self.fleet.shown
        if not shown:
            return
        before = self._cursor
        self._at = min(max(at, 0), len(shown) - 1)
        self._put_cursor(shown[self._at])
        self._show_cursor()
        if before is not None:
            self.changed(before)
        self.changed(shown[self._at])

    def _show_cursor(self) -> None:
        first, height = self.scroll_offset.y, max(self.size.height - HEAD_LINES, 1)
        if self._at < first:
            self.scroll_to(y=self._at, animate=False)
        elif self._at >= first + height:
            self.scroll_to(y=self._at - height + 1, animate=False)

    def _put_cursor(self, serial: str | None) -> None:
        if serial != self._cursor:
            self._cursor = serial
            self.post_message(self.Moved(serial))
