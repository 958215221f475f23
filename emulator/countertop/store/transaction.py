"""One transaction: writes go to the memory image at once, with what is needed to undo them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import orjson

from countertop.store.paging import CreatedRange, Where, bounds_of, walk
from countertop.store.partition import Record

if TYPE_CHECKING:
    from countertop.store.image import Image

__all__ = ["CreatedRange", "Page", "Transaction"]

NOWHERE: Where = {}
Effect = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Page:
    """The encoded documents of one page, newest first, and whether there are more in the direction of travel."""

    bodies: list[bytes]
    has_more: bool


class Transaction:
    """Reads and writes documents by (account, kind, id).  Made by :meth:`Store.transaction`.

    ``batch`` is the same object for all transactions that become durable together: whatever was begun in the same
    batch has not been answered yet.
    """

    def __init__(self, image: Image, batch: object) -> None:
        self.batch = batch
        self._image = image
        self.writes: list[tuple[str, str, str, Record | None, Record | None]] = []
        self.effects: list[Effect] = []

    def raw(self, account: str, kind: str, object_id: str) -> bytes | None:
        """The stored bytes, exactly as they were put; None when there are none."""
        partition = self._image.find(account, kind)
        record = partition.records.get(object_id) if partition is not None else None
        return record.body if record is not None else None

    def get(self, account: str, kind: str, object_id: str) -> dict[str, Any] | None:
        """The document, freshly decoded: the caller owns it."""
        body = self.raw(account, kind, object_id)
        if body is None:
            return None
        document: dict[str, Any] = orjson.loads(body)
        return document

    def put(self, account: str, kind: str, document: dict[str, Any], *, created: int) -> bytes:
        """Insert or replace a document under its ``id``; one that is replaced keeps its place.  Returns its bytes."""
        # Copied once: orjson's own buffers are far larger than what they hold.
        body = bytes(memoryview(orjson.dumps(document, option=orjson.OPT_INDENT_2)))
        self.put_raw(account, kind, document["id"], body, created=created)
        return body

    def put_raw(self, account: str, kind: str, object_id: str, body: bytes, *, created: int) -> None:
        """As :meth:`put`, for bytes that need not be JSON."""
        partition = self._image.partition(account, kind)
        old = partition.records.get(object_id)
        if old is None:
            record = Record(body, created, self._image.next_sequence())
        else:
            record = Record(body, old.created, old.sequence)
        partition.set(object_id, record)
        self.writes.append((account, kind, object_id, old, record))

    def delete(self, account: str, kind: str, object_id: str) -> bool:
        """Remove a document; False when there was none."""
        partition = self._image.find(account, kind)
        if partition is None or object_id not in partition.records:
            return False
        old = partition.set(object_id, None)
        self.writes.append((account, kind, object_id, old, None))
        return True

    def page(
        self,
        account: str,
        kind: str,
        *,
        limit: int,
        where: Where = NOWHERE,
        created: CreatedRange | None = None,
        after: str | None = None,
        before: str | None = None,
    ) -> Page:
        """One page, newest first: older than ``after``, or the page just newer than ``before``.

        Raises KeyError for a cursor that is not there.
        """
        partition = self._image.partition(account, kind)
        older_than = partition.place(after) if after is not None else None
        newer_than = partition.place(before) if before is not None else None
        bounds = bounds_of(created, older_than, newer_than)
        names = list(islice(walk(partition, where, bounds, oldest_first=before is not None), limit + 1))
        has_more = len(names) > limit
        names = names[:limit]
        if before is not None:
            names.reverse()
        return Page([partition.records[name].body for name in names], has_more)

    def each(self, account: str, kind: str, *, where: Where = NOWHERE) -> Iterator[tuple[str, bytes]]:
        """Every document, newest first: (id, bytes).  Take a list of it before writing to the same kind."""
        partition = self._image.find(account, kind)
        if partition is None:
            return
        for name in walk(partition, where, bounds_of(None, None, None)):
            yield name, partition.records[name].body

    def names(self, account: str, kind: str, *, created: CreatedRange, most: int) -> list[str]:
        """The ids of documents created in a range, oldest first, at most so many."""
        partition = self._image.find(account, kind)
        if partition is None:
            return []
        return list(islice(walk(partition, NOWHERE, bounds_of(created, None, None), oldest_first=True), most))

    def count(self, account: str, kind: str) -> int:
        """How many documents there are."""
        partition = self._image.find(account, kind)
        return len(partition.records) if partition is not None else 0

    def after_commit(self, effect: Effect) -> None:
        """Do something once this transaction is durable, in order; never, when it is rolled back."""
        self.effects.append(effect)
