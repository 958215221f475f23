"""The journal: groups appended to a log, the log folded into a checkpoint now and then.

A log has a generation.  When it has grown enough, a new generation begins, and a thread writes what the old ones
hold into the checkpoint in one transaction that also says which generation it covers; then the old logs go.  What is
on disk is at every instant: a checkpoint, and the logs of later generations, in order.
"""

from __future__ import annotations

import logging
import threading
from typing import Protocol

from countertop.store import frames
from countertop.store.files import LogFile, LogFiles
from countertop.store.group import RESET, Redo, decode_redo, encode_redo

log = logging.getLogger("countertop.store")


class Damaged(ValueError):
    """A log holds something that no crash of ours leaves behind."""


class Checkpoint(Protocol):
    """Where logs are folded into.  ``write`` may raise OSError; it is all or nothing."""

    def generation(self) -> int:
        """The last generation that it covers; 0 when it covers none."""

    def write(self, changes: Redo, generation: int) -> None:
        """Apply changes and cover ``generation``, in one transaction."""

    def close(self) -> None:
        """Let go of the files."""


class Journal:
    """Makes groups durable.  Made by :func:`countertop.store.opening.open_store`, which replays the logs first."""

    def __init__(self, logs: LogFiles, checkpoint: Checkpoint, *, log_bytes: int) -> None:
        self._logs = logs
        self._checkpoint = checkpoint
        self._log_bytes = log_bytes
        self._changes: Redo = {}
        self._sequence = 0
        self._generation = checkpoint.generation() + 1
        self._log: LogFile | None = None
        self._length = 0
        self._folding: threading.Thread | None = None
        self._broken = False
        self._closed = False
        self._unfolded: Redo | None = None

    def replay(self) -> Redo:
        """What the logs hold beyond the checkpoint.  A torn end of the last log is cut off; other damage is refused.

        Raises Damaged.
        """
        covered = self._checkpoint.generation()
        generations = [generation for generation in self._logs.generations() if generation > covered]
        if generations != list(range(covered + 1, covered + 1 + len(generations))):
            raise Damaged(f"of logs {covered + 1} to {generations[-1]} some are missing")
        for old in self._logs.generations():
            if old <= covered:
                self._logs.remove(old)
        for generation in generations:
            data = self._logs.read(generation)
            position = self._replay_log(data)
            if position < len(data):
                if generation != generations[-1] or frames.frame_follows(data, position):
                    raise Damaged(f"log {generation} is damaged at byte {position}")
                log = self._logs.open(generation)
                log.truncate(position)
                log.sync()
                log.close()
            self._generation, self._length = generation, position
        return self._changes

    def append(self, redo: Redo) -> None:
        """Make a group durable: one write, one sync.  Raises OSError; then the log is as it was before."""
        if self._closed:
            raise OSError("the data file is closed")
        if self._broken:
            raise OSError("the log could not be repaired after a failed write; restart to go on")
        if self._length >= self._log_bytes:
            self._rotate()
        if self._log is None:
            self._log = self._logs.open(self._generation)
        frame = frames.encode(self._sequence + 1, *encode_redo(redo))
        try:
            self._log.append(frame)
            self._log.sync()
        except BaseException:
            # An interrupt too: whoever goes on after one must find the log as it was.
            self._cut_back()
            raise
        self._sequence += 1
        self._length += len(frame)
        _apply(self._changes, redo)

    def close(self) -> None:
        """Fold everything into the checkpoint and remove the logs; if that fails the logs stay and are replayed."""
        if self._closed:
            return
        self._closed = True
        self._join()
        if self._log is not None:
            self._log.close()
        try:
            if self._changes:
                self._checkpoint.write(self._changes, self._generation)
            for generation in self._logs.generations():
                if generation <= self._checkpoint.generation():
                    self._logs.remove(generation)
        except OSError:
            self._changes = {}
        finally:
            self._checkpoint.close()

    def wait_folded(self) -> None:
        """Return when no fold is under way."""
        self._join()

    def _rotate(self) -> None:
        if self._folding is not None and self._folding.is_alive():
            return
        self._join()
        if self._log is not None:
            # A failed write may have been cut back since the last sync; a log that others follow must end well.
            self._log.sync()
        log = self._logs.open(self._generation + 1)
        if self._log is not None:
            self._log.close()
        changes, self._changes = self._changes, {}
        covered = self._generation
        self._generation, self._log, self._length = covered + 1, log, 0
        self._folding = threading.Thread(target=self._fold, args=(changes, covered), name="checkpoint", daemon=True)
        self._folding.start()

    def _fold(self, changes: Redo, generation: int) -> None:
        try:
            self._checkpoint.write(changes, generation)
            for old in self._logs.generations():
                if old <= generation:
                    self._logs.remove(old)
        except Exception as error:  # whatever it was, what is acknowledged must not be forgotten
            log.warning("The checkpoint was not written: %s. Its logs stay; the next one takes them along.", error)
            # The logs stay, so nothing is lost; the owner's thread takes these changes along in the next fold.
            self._unfolded = changes

    def _join(self) -> None:
        if self._folding is not None:
            self._folding.join()
            self._folding = None
        if self._unfolded is not None:
            older, self._unfolded = self._unfolded, None
            _apply(older, self._changes)
            self._changes = older

    def _cut_back(self) -> None:
        assert self._log is not None, "a write to an open log failed"
        try:
            self._log.truncate(self._length)
        except OSError:
            self._broken = True

    def _replay_log(self, data: bytes) -> int:
        position = 0
        while (frame := frames.decode(data, position)) is not None:
            if self._sequence and frame.sequence != self._sequence + 1:
                raise Damaged(f"group {frame.sequence} follows group {self._sequence}")
            self._sequence = frame.sequence
            _apply(self._changes, dict(decode_redo(frame.header, frame.bodies)))
            position = frame.end
        return position


def _apply(changes: Redo, redo: Redo) -> None:
    if RESET in redo:
        changes.clear()
    changes.update(redo)
