"""The store: transactions on the image, gathered into groups, each made durable by one write and one sync."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from countertop.errors import ConfigurationError, StoreUnavailable
from countertop.store.group import Group, decode_rows, encode_rows
from countertop.store.image import Image
from countertop.store.transaction import Effect, Transaction

if TYPE_CHECKING:
    from countertop.store.journal import Journal

SNAPSHOT = b"countertop-rows 1\n"


class Store:
    """Documents by (account, kind, id).  One owner at a time; not for two threads at once.

    ``grouping``: False, each transaction is made durable as it ends; True, that waits for :meth:`flush`, which a
    server's loop calls once for all the transactions of a turn.  A memory store (no journal) has nothing to wait for.
    """

    def __init__(self, journal: Journal | None = None, image: Image | None = None) -> None:
        self.grouping = False
        self.lost = 0
        """How many groups could not be made durable: who waits for one compares before and after."""
        self.after_undo: Effect = _nothing
        """Called when a group was undone: what was kept in memory beside the rows must be collected again."""
        self.batch = object()
        """Names what becomes durable together: another object after each flush."""
        self._journal = journal
        self._image = image or Image()
        self._group = Group()
        self._effects: deque[Effect] = deque()
        self._running_effects = False
        self._owner: int | None = None

    @property
    def dirty(self) -> bool:
        """True while something that was committed in memory is not durable yet."""
        return bool(self._group)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A transaction.  An exception inside undoes exactly what it wrote, and propagates.

        Raises StoreUnavailable when, without grouping, what it wrote cannot be made durable.
        """
        if self._owner is not None:
            raise RuntimeError("transactions do not nest: the work that is under way must end first")
        self._owner = threading.get_ident()
        tx = Transaction(self._image, self.batch)
        try:
            yield tx
        except BaseException:
            for account, kind, name, old, _ in reversed(tx.writes):
                self._image.partition(account, kind).set(name, old)
            raise
        finally:
            self._owner = None
        if self._journal is None:
            self.batch = object()
            self._effects.extend(tx.effects)
            self._run_effects()
            return
        self._group.add(tx)
        if not self.grouping:
            self.flush()

    def flush(self) -> None:
        """Make the group durable, then let its effects happen.

        Raises StoreUnavailable when it cannot be; then memory is as it was after the last group that could, and the
        effects never happen.
        """
        if self._owner is not None:
            raise RuntimeError("a transaction is under way: it must end before its group can be flushed")
        group, self._group, self.batch = self._group, Group(), object()
        if group.redo and self._journal is not None:
            try:
                self._journal.append(group.redo)
            except BaseException as error:
                group.undo(self._image)
                self.lost += 1
                self.after_undo()
                if not isinstance(error, OSError):
                    raise
                raise StoreUnavailable(
                    f"The write could not be made durable: {error.strerror or error}.",
                    "Free some disk space or make the data file writable; reads go on, nothing acknowledged was lost.",
                ) from error
        self._effects.extend(group.effects)
        self._run_effects()

    def snapshot(self) -> bytes:
        """Every record, as bytes for :meth:`restore`."""
        return SNAPSHOT + encode_rows(self._image.rows())

    def restore(self, data: bytes) -> None:
        """Make the content what it was at a snapshot.  Raises ConfigurationError for other bytes."""
        if not data.startswith(SNAPSHOT):
            raise ConfigurationError("This is not a snapshot of a store.")
        try:
            rows = list(decode_rows(data[len(SNAPSHOT) :]))
        except ValueError as error:
            raise ConfigurationError("This snapshot is damaged.") from error
        self.flush()
        self._group.replace_all(self._image)
        self._image.load(rows)
        self._group.redo.update({(account, kind, name): record for account, kind, name, record in rows})
        self.flush()

    def reset(self) -> None:
        """Remove everything."""
        self.flush()
        self._group.replace_all(self._image)
        self.flush()

    def close(self) -> None:
        """Make everything durable and let go of the files.  A durable store takes no writes after it."""
        try:
            self.flush()
        finally:
            if self._journal is not None:
                self._journal.close()

    def _run_effects(self) -> None:
        # An effect may start a transaction whose own effects come after those that already wait.
        if self._running_effects:
            return
        self._running_effects = True
        try:
            while self._effects:
                self._effects.popleft()()
        finally:
            self._running_effects = False


def _nothing() -> None:
    """What follows an undo while nobody keeps anything beside the rows."""
