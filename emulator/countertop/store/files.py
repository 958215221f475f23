"""The file layer under the journal: the few operations it needs, so that tests can cut them off anywhere."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Protocol


class LogFile(Protocol):
    """A file that only grows.  Every operation may raise OSError."""

    def append(self, data: bytes) -> None:
        """Write at the end."""

    def sync(self) -> None:
        """Return when everything that was appended would survive a power cut."""

    def truncate(self, length: int) -> None:
        """Cut the file off at ``length`` bytes."""

    def close(self) -> None:
        """Let go of the file."""


class LogFiles(Protocol):
    """The log files of one store, by generation.  Every operation may raise OSError."""

    def generations(self) -> list[int]:
        """The generations that exist, ascending."""

    def read(self, generation: int) -> bytes:
        """The whole content."""

    def open(self, generation: int) -> LogFile:
        """Open for appending; made (durably) when it does not exist."""

    def remove(self, generation: int) -> None:
        """Delete; one that does not exist is fine."""


class DiskLog:
    """A log file on disk."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)

    def append(self, data: bytes) -> None:
        """Write at the end, all of it."""
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]

    def sync(self) -> None:
        """fdatasync, or fsync where there is none."""
        getattr(os, "fdatasync", os.fsync)(self._file.fileno())

    def truncate(self, length: int) -> None:
        """Cut off at ``length`` bytes."""
        self._file.truncate(length)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class UnsyncedLog(DiskLog):
    """A log file for those who prefer speed: what the system has not written yet is lost in a power cut."""

    def sync(self) -> None:
        """The system writes when it likes; a killed process loses nothing all the same."""


class DiskLogs:
    """Log files beside the data file: ``<data>.log.<generation>``."""

    def __init__(self, data_file: Path, *, fsync: bool = True) -> None:
        self._data_file = data_file
        self._fsync = fsync

    def generations(self) -> list[int]:
        """The generations that exist, ascending."""
        # Not by glob: the name of a data file may hold brackets.
        start = f"{self._data_file.name}.log."
        ends = (name[len(start) :] for name in os.listdir(self._data_file.parent) if name.startswith(start))
        return sorted(int(end) for end in ends if re.fullmatch("[1-9][0-9]*", end))

    def read(self, generation: int) -> bytes:
        """The whole content."""
        return self._path(generation).read_bytes()

    def open(self, generation: int) -> LogFile:
        """Open for appending; its directory entry is synced too."""
        path = self._path(generation)
        if not self._fsync:
            return UnsyncedLog(path)
        log = DiskLog(path)
        # Even when the file was there: it may have been made by an attempt whose sync failed.
        try:
            sync_folder(path.parent)
        except OSError:
            log.close()
            raise
        return log

    def remove(self, generation: int) -> None:
        """Delete; one that does not exist is fine."""
        self._path(generation).unlink(missing_ok=True)

    def _path(self, generation: int) -> Path:
        return self._data_file.with_name(f"{self._data_file.name}.log.{generation}")


def sync_folder(folder: Path) -> None:
    """Return when the names in a folder would survive a power cut."""
    if os.name == "nt":
        return  # folders cannot be opened there; the file system keeps names by itself
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
