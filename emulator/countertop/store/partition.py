"""The records of one kind in one account: by id, in order of creation, and by the fields that lists filter on."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from typing import Any, NamedTuple

import orjson

Place = tuple[int, int, str]
"""Where a record stands in the order: (created, sequence of insertion, id)."""


class Record(NamedTuple):
    """One stored document: its encoded bytes, when it was created (Unix seconds), and its turn of insertion."""

    body: bytes
    created: int
    sequence: int


class Index:
    """The records of a partition by the value of one field, each value's records in order."""

    def __init__(self, field: str) -> None:
        self._path = field.split(".")
        self.places: dict[Any, list[Place]] = {}
        self.value_of: dict[str, Any] = {}

    def add(self, place: Place, document: Any) -> None:
        """Enter a decoded record, in place of what stood at the same place before."""
        value = document
        for name in self._path:
            value = value.get(name) if isinstance(value, dict) else None
        if isinstance(value, (dict, list)):
            self.drop(place)
            return
        value = exact(value)
        if place[2] in self.value_of:
            if self.value_of[place[2]] == value:
                return
            self.drop(place)
        self.value_of[place[2]] = value
        _insert(self.places.setdefault(value, []), place)

    def drop(self, place: Place) -> None:
        """Take a record out, if it is in."""
        if place[2] in self.value_of:
            value = self.value_of.pop(place[2])
            places = self.places[value]
            _remove(places, place)
            if not places:
                del self.places[value]


class Partition:
    """Records of one (account, kind).  Indexes are made when a list first asks for one, and kept up from then on."""

    def __init__(self) -> None:
        self.records: dict[str, Record] = {}
        self.order: list[Place] = []
        self._indexes: dict[str, Index] = {}

    def set(self, object_id: str, record: Record | None) -> Record | None:
        """Put a record in (or, with None, take it out); returns what was there before.

        Raises ValueError, with nothing changed, for a body that is not JSON where lists have asked for fields.
        """
        document = orjson.loads(record.body) if record is not None and self._indexes else None
        old = self.records.get(object_id)
        moves = old is None or record is None or record[1:] != old[1:]
        if old is not None and moves:
            place = (old.created, old.sequence, object_id)
            _remove(self.order, place)
            for index in self._indexes.values():
                index.drop(place)
        if record is None:
            self.records.pop(object_id, None)
            return old
        place = (record.created, record.sequence, object_id)
        if moves:
            _insert(self.order, place)
        self.records[object_id] = record
        for index in self._indexes.values():
            index.add(place, document)
        return old

    def load(self, rows: Iterable[tuple[str, Record]]) -> None:
        """Take many records at once, in any order; the partition was empty."""
        self.records = dict(rows)
        self.order = sorted((record.created, record.sequence, name) for name, record in self.records.items())

    def index(self, field: str) -> Index:
        """The index of a field, made now if it is not there yet."""
        found = self._indexes.get(field)
        if found is None:
            found = Index(field)
            for place in self.order:
                found.add(place, orjson.loads(self.records[place[2]].body))
            self._indexes[field] = found
        return found

    def place(self, object_id: str) -> Place:
        """Where a record stands.  Raises KeyError for an unknown id."""
        record = self.records[object_id]
        return (record.created, record.sequence, object_id)


def exact(value: Any) -> Any:
    """A scalar as a key of its own: Python holds True and 1 for the same key, JSON does not."""
    return ("bool", value) if isinstance(value, bool) else value


def _insert(places: list[Place], place: Place) -> None:
    if not places or place > places[-1]:
        places.append(place)
    else:
        insort(places, place)


def _remove(places: list[Place], place: Place) -> None:
    del places[bisect_left(places, place)]
