"""Data object lists: what a card wants to be told, as tags and lengths (EMV Book 3 §5.4; card-hardware.md E.1)."""

from __future__ import annotations

from collections.abc import Mapping

from countertop.emv.tags import TAGS
from countertop.emv.tlv import TlvError, is_constructed, read_tag

# More than any card asks for: all requested data must fit into one command.
LONGEST_DATA = 255

Dol = tuple[tuple[int, int], ...]
"""Tags and lengths, in order."""


def parse_dol(encoded: bytes) -> Dol:
    """The tags and lengths of a list.  Raises TlvError when it is cut off or has a length of more than one byte."""
    entries = []
    at = 0
    while at < len(encoded):
        tag, at = read_tag(encoded, at)
        if at >= len(encoded):
            raise TlvError("a data object list ends within an entry")
        length, at = encoded[at], at + 1
        if length > 252:
            raise TlvError(f"a data object list asks for {length} bytes of one object")
        entries.append((tag, length))
    return tuple(entries)


def build(dol: Dol, values: Mapping[int, bytes]) -> bytes:
    """The values that a list asks for, one after the other, each cut or padded to the length asked.

    Objects that are unknown, absent, or templates are zeros.  Raises TlvError when the whole is longer than a command
    can carry.
    """
    data = b"".join(_fit(tag, length, values.get(tag)) for tag, length in dol)
    if len(data) > LONGEST_DATA:
        raise TlvError(f"a data object list asks for {len(data)} bytes")
    return data


def split(dol: Dol, data: bytes) -> dict[int, bytes]:
    """The card's side: the objects in the data of a command.  Raises TlvError when the lengths do not add up."""
    if len(data) != sum(length for _, length in dol):
        raise TlvError("the data is not as long as the list that asks for it")
    values = {}
    at = 0
    for tag, length in dol:
        values[tag] = data[at : at + length]
        at += length
    return values


def _fit(tag: int, length: int, value: bytes | None) -> bytes:
    if value is None or is_constructed(tag):
        return bytes(length)
    known = TAGS.get(tag)
    numeric = known is not None and known.format == "n"
    if len(value) >= length:
        return value[len(value) - length :] if numeric else value[:length]
    missing = length - len(value)
    if numeric:
        return bytes(missing) + value
    if known is not None and known.format == "cn":
        return value + b"\xff" * missing
    return value + bytes(missing)
