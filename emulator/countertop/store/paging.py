"""Walking a partition: newest first, between cursors, within a range of creation, under filters.

The cost depends on the page, not on the size of the partition: positions are found by bisection, and of several
filters the one with the fewest records is walked while the others are looked up.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from countertop.store.partition import Partition, Place, exact

Where = Mapping[str, Any]
"""Dotted field path -> the value it must have, or a tuple of values it may have."""


class CreatedRange(NamedTuple):
    """A range of creation times in Unix seconds; None is open."""

    gt: int | None = None
    gte: int | None = None
    lt: int | None = None
    lte: int | None = None


class Bounds(NamedTuple):
    """Places to walk between: ``low`` and above, below ``high``; None is open."""

    low: tuple[Any, ...] | None
    high: tuple[Any, ...] | None


def bounds_of(created: CreatedRange | None, older_than: Place | None, newer_than: Place | None) -> Bounds:
    """The bounds that a range and cursors set together."""
    lows: list[tuple[Any, ...]] = []
    highs: list[tuple[Any, ...]] = []
    if created is not None:
        lows += [(value,) for value in (created.gte,) if value is not None]
        lows += [(value + 1,) for value in (created.gt,) if value is not None]
        highs += [(value,) for value in (created.lt,) if value is not None]
        highs += [(value + 1,) for value in (created.lte,) if value is not None]
    if older_than is not None:
        highs.append(older_than)
    if newer_than is not None:
        lows.append((*newer_than[:2], newer_than[2] + "\x00"))
    return Bounds(max(lows, default=None), min(highs, default=None))


def walk(partition: Partition, where: Where, bounds: Bounds, *, oldest_first: bool = False) -> Iterator[str]:
    """The ids of the records within bounds that match all filters, newest first unless told otherwise."""
    lists, rest = _narrowest(partition, where)
    runs = [_run(places, bounds, oldest_first) for places in lists]
    places = runs[0] if len(runs) == 1 else heapq.merge(*runs, reverse=not oldest_first)
    for place in places:
        if all(matches(place[2]) for matches in rest):
            yield place[2]


def _narrowest(partition: Partition, where: Where) -> tuple[list[Sequence[Place]], list[Callable[[str], bool]]]:
    best: list[Sequence[Place]] = [partition.order]
    best_field = None
    for field, wanted in where.items():
        index = partition.index(field)
        values = _values(wanted)
        found: list[Sequence[Place]] = [index.places.get(value, ()) for value in values] or [()]
        if best_field is None or sum(map(len, found)) < sum(map(len, best)):
            best, best_field = found, field
    rest = [_test(partition, field, wanted) for field, wanted in where.items() if field != best_field]
    return best, rest


def _test(partition: Partition, field: str, wanted: Any) -> Callable[[str], bool]:
    value_of, values = partition.index(field).value_of, _values(wanted)
    return lambda name: name in value_of and value_of[name] in values


def _values(wanted: Any) -> dict[Any, None]:
    return dict.fromkeys(map(exact, wanted) if isinstance(wanted, tuple) else (exact(wanted),))


def _run(places: Sequence[Place], bounds: Bounds, oldest_first: bool) -> Iterator[Place]:
    start = 0 if bounds.low is None else bisect_left(places, bounds.low)
    end = len(places) if bounds.high is None else bisect_left(places, bounds.high)
    positions = range(start, end) if oldest_first else range(end - 1, start - 1, -1)
    return (places[position] for position in positions)
