"""What the screens know of a fleet: one row for each device, sorted and filtered, with what changed since last time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One device.  ``name``: its ``tmr_`` id, or its serial without one.  ``view``: as the server has it."""

    serial: str
    name: str
    label: str
    model: str
    account: str
    location: str
    status: str
    state: str
    action: str
    screen: str
    battery: str
    software: str
    view: Mapping[str, Any] = field(repr=False, compare=False)

    @property
    def words(self) -> str:
        """All that a filter looks at, in small letters."""
        return " ".join(
            (
                self.serial,
                self.name,
                self.label,
                self.model,
                self.account,
                self.location,
                self.status,
                self.action,
                self.screen,
            )
        ).lower()


def row_of(view: Mapping[str, Any]) -> Row:
    """The row of a device as the control API shows it."""
    action, battery = view["action"], view["battery"]
    return Row(
        serial=str(view["serial"]),
        name=str(view["id"] or view["serial"]),
        label=str(view["label"] or ""),
        model=str(view["device_type"] or "?"),
        account=str(view["key"] or ""),
        location=str(view["location"] or ""),
        status=str(view["status"] or "not registered"),
        state=str(view["state"]),
        action=f"{action['type']} {action['status']}" if action else "",
        screen=one_line(view["screen"]["text"]),
        battery="" if battery is None else f"{battery['percent']}%",
        software=str(view["software"] or ""),
        view=view,
    )


def one_line(screen: str) -> str:
    """A screen in one line: its texts without the frame."""
    texts = (line.strip("│┌┐└┘─ ") for line in screen.splitlines())
    return " / ".join(text for text in texts if text)


Order = Callable[[Row], Any]


class Fleet:
    """The rows.  ``shown`` are the serials that pass the filter, in order."""

    def __init__(self) -> None:
        self._rows: dict[str, Row] = {}
        self._words: dict[str, str] = {}
        self._filter: tuple[str, ...] = ()
        self._column, self._descending = "label", False
        self.shown: list[str] = []

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, serial: str) -> Row:
        return self._rows[serial]

    def __contains__(self, serial: object) -> bool:
        return serial in self._rows

    def counts(self) -> dict[str, int]:
        """How many readers are in each status."""
        found: dict[str, int] = {}
        for row in self._rows.values():
            found[row.status] = found.get(row.status, 0) + 1
        return found

    def load(self, views: Iterable[Mapping[str, Any]]) -> None:
        """Take the fleet as it is now, instead of what was known before."""
        self._rows = {row.serial: row for row in map(row_of, views)}
        self._words = {serial: row.words for serial, row in self._rows.items()}
        self.arrange()

    def put(self, view: Mapping[str, Any]) -> bool:
        """A device as it is now; True when that changes which rows are shown, or their order."""
        row = row_of(view)
        before = self._rows.get(row.serial)
        self._rows[row.serial], self._words[row.serial] = row, row.words
        moved = before is None or getattr(before, self._column) != getattr(row, self._column)
        if moved or self._passes(row.serial) != (row.serial in self.shown if self._filter else True):
            self.arrange()
            return True
        return False

    def note(self, serial: str, state: str, screen: str | None) -> bool:
        """What the live stream says of a device; False for one that is not known, which has to be asked about."""
        before = self._rows.get(serial)
        if before is None:
            return False
        row = replace(before, state=state, screen=before.screen if screen is None else screen)
        self._rows[serial], self._words[serial] = row, row.words
        return True

    def remove(self, serial: str) -> None:
        """A device is gone."""
        self._rows.pop(serial, None)
        self._words.pop(serial, None)
        self.arrange()

    def filter(self, text: str) -> None:
        """Show the rows in which every word of the text is found, letters of a word in their order."""
        self._filter = tuple(text.lower().split())
        self.arrange()

    def sort(self, column: str) -> bool:
        """Sort by a column; the same one again turns the order round.  Returns whether it is descending now."""
        self._descending = not self._descending if column == self._column else False
        self._column = column
        self.arrange()
        return self._descending

    @property
    def sorted_by(self) -> tuple[str, bool]:
        """The column, and whether it is descending."""
        return self._column, self._descending

    def arrange(self) -> None:
        """Find out which rows are shown, in which order."""
        found = [serial for serial in self._rows if self._passes(serial)]
        found.sort(key=lambda serial: (str(getattr(self._rows[serial], self._column)).lower(), serial))
        self.shown = found[::-1] if self._descending else found

    def _passes(self, serial: str) -> bool:
        words = self._words[serial]
        return all(word in words or _in_order(word, words) for word in self._filter)


def _in_order(word: str, text: str) -> bool:
    """Whether the letters of a word are in one word of the text, in their order: wpe finds wisepos_e."""
    return len(word) > 1 and any(_subsequence(word, other) for other in text.split())


def _subsequence(word: str, text: str) -> bool:
    letters = iter(text)
    return all(letter in letters for letter in word)
