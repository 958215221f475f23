"""The tag dictionary: what a data object is called, how it is written, and who says it (card-hardware.md E.10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from countertop.emv import tlv
from countertop.emv.tag_table import TABLE


@dataclass(frozen=True, slots=True)
class Tag:
    """One entry.

    ``format``: see :mod:`countertop.emv.tag_table`.  ``shortest`` and ``longest``: bytes of its value, None for no
    bound.  ``source``: letters of who says it.  ``templates``: in which it may stand.
    """

    tag: int
    name: str
    format: str
    shortest: int | None
    longest: int | None
    source: str
    templates: tuple[int, ...]

    def takes(self, value: bytes) -> bool:
        """Whether a value has a length that this object can have."""
        return (self.shortest or 0) <= len(value) and (self.longest is None or len(value) <= self.longest)


def _entry(line: str) -> Tag:
    tag, name, form, length, source, templates = line.split("|")
    first, _, last = length.partition("-")
    shortest = int(first) if first else None
    longest = int(last) if last else (shortest if "-" not in length else None)
    return Tag(int(tag, 16), name, form, shortest, longest, source, tuple(int(word, 16) for word in templates.split()))


TAGS: Mapping[int, Tag] = MappingProxyType(
    {entry.tag: entry for entry in map(_entry, filter(None, TABLE.splitlines()))}
)
"""Every tag that the dictionary knows."""


def name_of(tag: int) -> str:
    """The name of a data object; the tag itself when the dictionary lacks it."""
    known = TAGS.get(tag)
    return known.name if known else f"tag {tlv.name(tag)}"
