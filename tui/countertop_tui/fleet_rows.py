"""The fleet as the screens know it: its rows, filtered, sorted and grouped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from countertop_tui.rows import Row
from countertop_tui.search import Search

GROUPINGS = ("", "location", "sku", "status", "account")
"""By what readers can be grouped; nothing first."""
FLEETING = frozenset(("state", "action", "screen", "battery", "sales", "faults", "status", "seen"))
"""What changes while one looks: an order by it is made anew now and then, not with every change."""


@dataclass(frozen=True, slots=True)
class Group:
    """A heading between rows."""

    name: str
    serials: tuple[str, ...]


class FleetRows:
    """The rows.  ``shown``: serials that pass the filter, in order; ``lines``: the same with headings between them."""

    def __init__(self) -> None:
        self._rows: dict[str, Row] = {}
        self._search = Search()
        self._column, self._descending = "label", False
        self.grouping = ""
        self.places: Mapping[str, str] = {}
        self.shown: list[str] = []
        self.lines: list[str | Group] = []
        self._position: dict[str, int] = {}
        self._counts: Counter[str] = Counter()
        self.disordered = False

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, serial: str) -> Row:
        return self._rows[serial]

    def __contains__(self, serial: object) -> bool:
        return serial in self._rows

    def every(self) -> list[Row]:
        """All rows, in no particular order."""
        return list(self._rows.values())

    def counts(self) -> Counter[str]:
        """How many readers are in each status."""
        return self._counts

    # --- changes ------------------------------------------------------------------------------------------------

    def load(self, views: Iterable[dict[str, Any]]) -> None:
        """Take the fleet as it is now, instead of what was known before; the sales that were counted stay."""
        before = self._rows
        self._rows = {}
        for view in views:
            row = self._rows[str(view["serial"])] = Row(view)
            if (known := before.get(row.serial)) is not None:
                row.approved, row.declined = known.approved, known.declined
        self._counts = Counter(row.status for row in self._rows.values())
        self.arrange()

    def put(self, view: dict[str, Any]) -> bool:
        """A device as it is now; True when rows have to be arranged: it is new, or stands elsewhere now."""
        row = self._rows.get(str(view["serial"]))
        if row is None:
            row = self._rows[str(view["serial"])] = Row(view)
            self._counts[row.status] += 1
            return True
        before = self._place(row)
        self._counts[row.status] -= 1
        row.take(view)
        self._counts[row.status] += 1
        self.disordered = True
        return self._column not in FLEETING and before != self._place(row)

    def hear(self, item: Mapping[str, Any]) -> bool:
        """What the live stream says of a device; False for one that is not known, which has to be asked about."""
        row = self._rows.get(str(item["serial"]))
        if row is None:
            return False
        row.hear(item)
        self.disordered = True
        return True

    def remove(self, serial: str) -> bool:
        """A device is gone; False when it was not known."""
        row = self._rows.pop(serial, None)
        if row is None:
            return False
        self._counts[row.status] -= 1
        return True

    def count_sales(self, totals: Iterable[Mapping[str, Any]]) -> None:
        """What readers sold today, as the server counts it."""
        by_name = {row.name: row for row in self._rows.values()}
        for total in totals:
            row = by_name.get(str(total["reader"]))
            if row is not None:
                row.approved, row.declined = int(total["approved"]), int(total["declined"])

    # --- what is shown ------------------------------------------------------------------------------------------

    @property
    def filtered_by(self) -> str:
        """What the filter holds."""
        return self._search.text

    @property
    def sorted_by(self) -> tuple[str, bool]:
        """The column, and whether it is descending."""
        return self._column, self._descending

    def filter(self, text: str) -> None:
        """Show the rows in which every word of the text is found."""
        search = Search(text)
        among = self.shown if search.narrows(self._search) else None
        self._search = search
        self.arrange(among)

    def sort(self, column: str, descending: bool | None = None) -> None:
        """Sort by a column; the same one again turns the order round."""
        turned = column == self._column and not self._descending
        self._column, self._descending = column, turned if descending is None else descending
        self.arrange()

    def group(self, by: str) -> None:
        """Group by location, SKU, status or account; by nothing for an empty name."""
        self.grouping = by
        self.arrange()

    def tidy(self) -> bool:
        """Make order and filter right again after changes; False when nothing could have moved."""
        if not self.disordered:
            return False
        self.disordered = False
        if not self._search and self._column not in FLEETING and self.grouping not in FLEETING:
            return False
        before = self.shown
        self.arrange()
        return before != self.shown

    def arrange(self, among: Iterable[str] | None = None) -> None:
        """Find out which rows are shown, in which order."""
        rows: Iterable[Row] = self._rows.values() if among is None else (self._rows[serial] for serial in among)
        if self._search:
            rows = (row for row in rows if self._search.finds(row.words, row.names))
        column = self._column
        pairs = [((getattr(row, column).lower(), row.serial), row.serial) for row in rows]
        pairs.sort(reverse=self._descending)
        self.shown = [serial for _, serial in pairs]
        self.lines = list(self.shown) if not self.grouping else self._grouped()
        self._position = {line: at for at, line in enumerate(self.lines) if isinstance(line, str)}
        self.disordered = False

    def position(self, serial: str | None) -> int | None:
        """The line of a reader; None when it is not shown."""
        return None if serial is None else self._position.get(serial)

    def place_name(self, row: Row) -> str:
        """A location by its name, as far as it is known."""
        return self.places.get(row.location, row.location)

    def _place(self, row: Row) -> tuple[str, str]:
        return getattr(row, self._column), getattr(row, self.grouping) if self.grouping else ""

    def _grouped(self) -> list[str | Group]:
        groups: dict[str, list[str]] = {}
        for serial in self.shown:
            row = self._rows[serial]
            name = self.place_name(row) if self.grouping == "location" else str(getattr(row, self.grouping))
            groups.setdefault(name, []).append(serial)
        lines: list[str | Group] = []
        for name in sorted(groups):
            lines.append(Group(name or f"no {self.grouping}", tuple(groups[name])))
            lines += groups[name]
        return lines
