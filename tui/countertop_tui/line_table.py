"""A table of any length: only the lines that are seen are drawn, and only when they changed (the line API)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click, Resize
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from countertop_tui.columns import Column

HEAD_LINES = 1
GAP = 1
Cell = tuple[str, Style]
HEAD = Style(bold=True, reverse=True)
CURSOR, CURSOR_AWAY = Style(reverse=True), Style(bold=True, underline=True)


class LineTable(ScrollView, can_focus=True):
    """Lines with a cursor.  Who makes one says how many there are, what is in each, and how they are found again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home,g", "go(0)", "First line", show=False),
        Binding("end,G", "go(-1)", "Last line", show=False),
        Binding("left", "sideways(-12)", "Scroll left", show=False),
        Binding("right", "sideways(12)", "Scroll right", show=False),
    ]

    class Moved(Message):
        """The cursor is on another line; ``key`` is None when there is none."""

        def __init__(self, table: LineTable, key: str | None) -> None:
            super().__init__()
            self.table = table
            self.key = key

        @property
        def control(self) -> LineTable:
            """The table."""
            return self.table

    class TitleClicked(Message):
        """Somebody clicked on the title of a column."""

        def __init__(self, column: Column) -> None:
            super().__init__()
            self.column = column

    def __init__(self, columns: Sequence[Column], *, id: str | None = None) -> None:  # Textual's name
        super().__init__(id=id)
        self.columns = tuple(columns)
        self.at = 0
        self._cursor: str | None = None

    # --- to be said by who makes one -----------------------------------------------------------------------------

    def count(self) -> int:
        """How many lines there are."""
        raise NotImplementedError

    def key_at(self, at: int) -> str:
        """What a line is found by, later and elsewhere."""
        raise NotImplementedError

    def line_of(self, key: str) -> int | None:
        """The line of a key; None when there is none any more."""
        raise NotImplementedError

    def cells_at(self, at: int) -> list[Cell]:
        """A text and a style for each column; or one cell, for a heading as wide as the table."""
        raise NotImplementedError

    def title_of(self, column: Column) -> str:
        """What stands above a column."""
        return column.title

    # --- the cursor ---------------------------------------------------------------------------------------------

    @property
    def cursor(self) -> str | None:
        """The key of the line under the cursor."""
        return self._cursor

    def arranged(self) -> None:
        """Other lines are shown, or in another order: the cursor stays on its key where that is still there."""
        count = self.count()
        self.virtual_size = Size(sum(column.width + GAP for column in self.columns), count + HEAD_LINES)
        line = None if self._cursor is None else self.line_of(self._cursor)
        if line is not None:
            self.at = line
        else:
            self.at = min(self.at, max(count - 1, 0))
            self._put_cursor(self.key_at(self.at) if count else None)
        self.refresh()

    def changed(self, key: str) -> None:
        """One line shows something else; nothing is drawn when it is out of sight."""
        line = self.line_of(key)
        if line is None:
            return
        y = line - self.scroll_offset.y + HEAD_LINES
        if HEAD_LINES <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def in_sight(self) -> list[str]:
        """The keys whose lines are on the screen."""
        first = self.scroll_offset.y
        return [self.key_at(at) for at in range(first, min(first + self.size.height, self.count()))]

    def go_to(self, key: str) -> None:
        """Put the cursor on a key, if it is there."""
        line = self.line_of(key)
        if line is not None:
            self._go(line)

    # --- drawing ------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """One line of the screen: the head stays where it is, lines scroll under it."""
        width = self.size.width
        if y < HEAD_LINES:
            style = self.rich_style + HEAD
            return self._strip([(self.title_of(column), style) for column in self.columns], width, style)
        at = self.scroll_offset.y + y - HEAD_LINES
        if at >= self.count():
            return Strip.blank(width, self.rich_style)
        base = self.rich_style
        if at == self.at and self._cursor is not None:
            base += CURSOR if self.has_focus else CURSOR_AWAY
            return self._strip([(text, base) for text, _ in self.cells_at(at)], width, base)
        return self._strip([(text, base + style) for text, style in self.cells_at(at)], width, base)

    def _strip(self, cells: list[Cell], width: int, gap: Style) -> Strip:
        if len(cells) == 1 and len(self.columns) > 1:
            return Strip([Segment(cells[0][0], cells[0][1])]).crop_extend(0, width, gap)
        segments = []
        for (text, style), column in zip(cells, self.columns, strict=True):
            cut = text if len(text) <= column.width else text[: column.width - 1] + "…"
            segments.append(Segment(cut.ljust(column.width), style))
            segments.append(Segment(" " * GAP, gap))
        left = self.scroll_offset.x
        return Strip(segments).crop_extend(left, left + width, gap)

    # --- hands --------------------------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """The cursor goes up or down."""
        self._go(self.at + by)

    def action_page(self, by: int) -> None:
        """So does it by whole pages."""
        self._go(self.at + by * max(self.size.height - HEAD_LINES, 1))

    def action_go(self, to: int) -> None:
        """To the first line, or the last."""
        self._go(to if to >= 0 else self.count() - 1)

    def action_sideways(self, by: int) -> None:
        """To columns that did not fit."""
        self.scroll_relative(x=by, animate=False)

    def on_click(self, event: Click) -> None:
        """A click on a title is told, one on a line selects it."""
        if event.y >= HEAD_LINES:
            at = self.scroll_offset.y + event.y - HEAD_LINES
            if at < self.count():
                self._go(at)
            return
        at = event.x + self.scroll_offset.x
        for column in self.columns:
            if at <= column.width:
                self.post_message(self.TitleClicked(column))
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
        count = self.count()
        if not count:
            return
        before = self._cursor
        self.at = min(max(at, 0), count - 1)
        self._put_cursor(self.key_at(self.at))
        self._show_cursor()
        if before is not None:
            self.changed(before)
        self.changed(self.key_at(self.at))

    def _show_cursor(self) -> None:
        first, height = self.scroll_offset.y, max(self.size.height - HEAD_LINES, 1)
        if self.at < first:
            self.scroll_to(y=self.at, animate=False)
        elif self.at >= first + height:
            self.scroll_to(y=self.at - height + 1, animate=False)

    def _put_cursor(self, key: str | None) -> None:
        if key != self._cursor:
            self._cursor = key
            self.post_message(self.Moved(self, key))
