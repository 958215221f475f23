"""The memory image: every partition, and the counter that orders insertions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from countertop.store.partition import Partition, Record

Row = tuple[str, str, str, Record]
"""(account, kind, id, record)."""


class Image:
    """All records of a store, in memory."""

    def __init__(self) -> None:
        self._partitions: dict[tuple[str, str], Partition] = {}
        self.sequence = 0

    def find(self, account: str, kind: str) -> Partition | None:
        """A partition, or None when nothing was ever put there."""
        return self._partitions.get((account, kind))

    def partition(self, account: str, kind: str) -> Partition:
        """A partition, made empty if need be."""
        found = self._partitions.get((account, kind))
        if found is None:
            found = self._partitions[account, kind] = Partition()
        return found

    def next_sequence(self) -> int:
        """The next insertion's number."""
        self.sequence += 1
        return self.sequence

    def rows(self) -> Iterator[Row]:
        """Every record, each partition in its order."""
        for (account, kind), partition in self._partitions.items():
            for place in partition.order:
                yield account, kind, place[2], partition.records[place[2]]

    def load(self, rows: Iterable[Row]) -> None:
        """Take many records at once; the image was empty."""
        sorted_out: dict[tuple[str, str], list[tuple[str, Record]]] = {}
        for account, kind, name, record in rows:
            sorted_out.setdefault((account, kind), []).append((name, record))
            self.sequence = max(self.sequence, record.sequence)
        for key, named in sorted_out.items():
            self._partitions[key] = partition = Partition()
            partition.load(named)

    def swap(self) -> Image:
        """Empty this image; returns one that holds what was in it, for :meth:`swap_back`."""
        old = Image()
        old._partitions, self._partitions = self._partitions, {}
        return old

    def swap_back(self, old: Image) -> None:
        """Undo a :meth:`swap`."""
        self._partitions = old._partitions
