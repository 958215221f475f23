"""The columns of the fleet table: what they show, how wide, and by which glyph and colour a status is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from rich.style import Style

from countertop_tui.rows import Row


@dataclass(frozen=True, slots=True)
class Column:
    """A column.  ``name``: the member of a row.  ``width``: letters; the last column takes what is left."""

    name: str
    title: str
    width: int


COLUMNS: tuple[Column, ...] = (
    Column("status", "Status", 16),
    Column("label", "Label", 18),
    Column("model", "Model", 20),
    Column("state", "State", 12),
    Column("action", "Action", 38),
    Column("battery", "Batt", 5),
    Column("name", "Reader", 30),
    Column("screen", "Screen", 60),
)
# A glyph for those who see no colour, a colour of the sixteen for those who do.
_LOOKS: Mapping[str, tuple[str, Style]] = MappingProxyType(
    {
        "online": ("●", Style(color="green")),
        "offline": ("○", Style(color="red")),
        "not registered": ("◌", Style(color="yellow")),
    }
)
_PLAIN = ("·", Style())


def look_of(row: Row) -> tuple[str, Style]:
    """Glyph and colour of a row's status."""
    return _LOOKS.get(row.status, _PLAIN)


def cell(row: Row, column: Column) -> str:
    """What a row shows in a column."""
    text = str(getattr(row, column.name))
    return f"{look_of(row)[0]} {text}" if column.name == "status" else text
