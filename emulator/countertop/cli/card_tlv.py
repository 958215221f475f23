"""Data objects as an indented list, for people at a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from countertop.emv import tlv
from countertop.emv.describe import describe
from countertop.emv.tags import name_of
from countertop.emv.tlv import Tlv, TlvError


def tree(data: bytes) -> list[str]:
    """One line for each object; what is no data object is one line of hexadecimal."""
    try:
        return list(_lines(tlv.parse(data), ""))
    except TlvError:
        return [data.hex().upper()]


def _lines(items: tuple[Tlv, ...], indent: str) -> Iterator[str]:
    for item in items:
        head = f"{indent}{tlv.name(item.tag)} {name_of(item.tag)}"
        if item.constructed:
            yield head
            yield from _lines(item.children, indent + "  ")
        else:
            value, words = item.value.hex().upper(), describe(item.tag, item.value)
            yield f"{head}: {value}" + (f" ({words})" if words not in ("", value) else "")
