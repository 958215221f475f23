"""The columns of the fleet table: what they show, how wide, and by which glyph and colour a status is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from rich.style import Style

from countertop_tui.rows import NOT_REGISTERED, Row


@dataclass(frozen=True, slots=True)
class Column:
    """A column.  ``name``: the member of a row; ``width``: letters."""

    name: str
    title: str
    width: int


COLUMNS: tuple[Column, ...] = (
    Column("status", "Status", 16),
    Column("label", "Label", 16),
    Column("model", "Model", 20),
    Column("sku", "SKU", 22),
    Column("location", "Location", 20),
    Column("state", "State", 12),
    Column("action", "Action", 36),
    Column("screen", "Screen", 44),
    Column("battery", "Batt", 6),
    Column("faults", "Faults", 16),
    Column("software", "Firmware", 12),
    Column("seen", "Last seen", 16),
    Column("sales", "Sales", 8),
    Column("account", "Account", 20),
    Column("name", "Reader", 28),
    Column("serial", "Serial", 18),
)
USUAL = ("status", "label", "model", "state", "sales", "battery", "action", "screen")
_BY_NAME = {column.name: column for column in COLUMNS}
# A glyph for those who see no colour, a colour of the sixteen for those who do.
_LOOKS: Mapping[str, tuple[str, Style]] = MappingProxyType(
    {
        "online": ("●", Style(color="green")),
        "offline": ("○", Style(color="red")),
        NOT_REGISTERED: ("◌", Style(color="yellow")),
    }
)
_PLAIN = ("·", Style())
_STATES: Mapping[str, Style] = MappingProxyType(
    {
        "waiting": Style(color="cyan"),
        "pin": Style(color="cyan"),
        "authorizing": Style(color="yellow"),
        "broken": Style(color="red"),
        "off": Style(color="red"),
        "updating": Style(color="yellow"),
        "booting": Style(color="yellow"),
    }
)


def columns_of(names: Sequence[str]) -> tuple[Column, ...]:
    """Columns by their names, unknown ones left out; the usual ones when nothing is left."""
    found = tuple(_BY_NAME[name] for name in names if name in _BY_NAME)
    return found or tuple(_BY_NAME[name] for name in USUAL)


def look_of(row: Row) -> tuple[str, Style]:
    """Glyph and colour of a row's status."""
    return _LOOKS.get(row.status, _PLAIN)


def style_of(row: Row, column: Column) -> Style:
    """The colour of a cell."""
    match column.name:
        case "status":
            return look_of(row)[1]
        case "state":
            return _STATES.get(row.state, _PLAIN[1])
        case "faults":
            return Style(color="red")
    return _PLAIN[1]
