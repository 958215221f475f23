"""Opening a store: lock, checkpoint, logs, memory image."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

from countertop.errors import DataFileError
from countertop.store.group import RESET, Redo
from countertop.store.image import Image, Row
from countertop.store.store import Store

if TYPE_CHECKING:
    from countertop.store.checkpoint import SqliteCheckpoint
    from countertop.store.journal import Journal

LOG_BYTES = 64 * 1024 * 1024
"""A log of this length is folded into the checkpoint."""
WORTH_FREEZING = 10_000
"""From so many records on, the garbage collector is told not to look at them again."""


def memory_store() -> Store:
    """A store that keeps nothing."""
    return Store()


def open_store(path: Path, *, fsync: bool = True, log_bytes: int = LOG_BYTES) -> Store:
    """A durable store in ``path`` (with its logs and lock beside it); made when there is none.

    ``fsync``: survive a power cut too, not only a killed process.  Raises DataFileError for a file that is foreign,
    damaged, of another version, in use by another server, or in a place that cannot be written.
    """
    from countertop.store.checkpoint import SqliteCheckpoint
    from countertop.store.files import DiskLogs
    from countertop.store.journal import Damaged, Journal

    lock = _lock(path)
    checkpoint = None
    try:
        checkpoint = SqliteCheckpoint(path)
        journal = Journal(DiskLogs(path, fsync=fsync), checkpoint, log_bytes=log_bytes)
        try:
            image = _read(checkpoint, journal.replay())
        except (Damaged, ValueError) as error:
            raise DataFileError(
                f"The log beside {path} is damaged: {error}.",
                "Nothing was changed; keep the files, and choose another one with --data.",
            ) from error
    except BaseException:
        if checkpoint is not None:
            checkpoint.close()
        lock.close()
        raise
    return LockedStore(journal, image, lock)


class LockedStore(Store):
    """A durable store with the lock that keeps a second server out."""

    def __init__(self, journal: Journal, image: Image, lock: IO[bytes]) -> None:
        super().__init__(journal, image)
        self._lock = lock

    def close(self) -> None:
        """Make everything durable, let go of the files, then of the lock."""
        try:
            super().close()
        finally:
            self._lock.close()


def _read(checkpoint: SqliteCheckpoint, changes: Redo) -> Image:
    image = Image()
    was_enabled = gc.isenabled()
    gc.disable()  # hundreds of thousands of tuples are made, none of them garbage
    try:
        image.load(_rows(checkpoint, changes))
    finally:
        if was_enabled:
            gc.enable()
    if image.sequence >= WORTH_FREEZING:
        gc.freeze()
    return image


def _rows(checkpoint: SqliteCheckpoint, changes: Redo) -> Iterator[Row]:
    """What the checkpoint holds as far as the logs do not say otherwise, then what they say."""
    if RESET not in changes:
        rows = checkpoint.rows()
        yield from (row for row in rows if row[:3] not in changes) if changes else rows
    for key, record in changes.items():
        if record is not None:
            yield (*key, record)


def _lock(path: Path) -> IO[bytes]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = path.with_name(path.name + ".lock").open("ab")
    except OSError as error:
        raise DataFileError(
            f"{path} cannot be used as a data file: {error.strerror}.", "Choose another place with --data."
        ) from error
    try:
        _lock_handle(handle)
    except OSError as error:
        handle.close()
        raise DataFileError(
            f"{path} is in use by another Countertop server.", "Stop it, or choose another file with --data."
        ) from error
    return handle


def _lock_handle(handle: IO[bytes]) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        return
    import fcntl

    fcntl.flock(handle.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
