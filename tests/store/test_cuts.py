"""Power cuts: the log cut at every write and every sync; only what was synced survives, maybe a torn piece more."""

from __future__ import annotations

import threading
from contextlib import contextmanager

import pytest

from countertop.store.group import RESET
from countertop.store.image import Image
from countertop.store.journal import Damaged, Journal
from countertop.store.opening import LOG_BYTES
from countertop.store.partition import Record


class Cut(BaseException):
    """The power is gone."""


class Disk:
    """Log files that forget what was not synced.  Every operation counts; from ``cut_at`` on none returns."""

    def __init__(self, cut_at: int | None = None, torn: int = 0) -> None:
        self.cut_at = cut_at
        self.torn = torn
        self.operations = 0
        self.synced: dict[int, bytes] = {}
        self.pending: dict[int, bytes] = {}
        self.cut_back: dict[int, bytes] = {}

    def step(self) -> None:
        self.operations += 1
        if self.cut_at is not None and self.operations >= self.cut_at:
            raise Cut

    def after_the_cut(self) -> Disk:
        """The disk as the next start finds it: synced bytes, and of each unsynced tail the first ``torn`` bytes.

        A tail that was cut back is unsynced, too, until a sync: it may have reached the disk before.
        """
        disk = Disk()
        for generation, content in self.synced.items():
            tail = self.cut_back.get(generation, self.pending.get(generation, b""))[len(content) :]
            disk.synced[generation] = content + tail[: self.torn]
        disk.pending = dict(disk.synced)
        return disk

    # --- LogFiles -------------------------------------------------------------------------------------------------

    def generations(self) -> list[int]:
        return sorted(self.pending)

    def read(self, generation: int) -> bytes:
        return self.pending[generation]

    def open(self, generation: int) -> Log:
        self.step()
        self.pending.setdefault(generation, b"")
        self.synced.setdefault(generation, b"")
        return Log(self, generation)

    def remove(self, generation: int) -> None:
        self.step()
        self.pending.pop(generation, None)
        self.synced.pop(generation, None)


class Log:
    def __init__(self, disk: Disk, generation: int) -> None:
        self.disk, self.generation = disk, generation

    def append(self, data: bytes) -> None:
        half = len(data) // 2
        self.disk.pending[self.generation] += data[:half]
        self.disk.step()
        self.disk.pending[self.generation] += data[half:]
        self.disk.step()

    def sync(self) -> None:
        self.disk.step()
        self.disk.synced[self.generation] = self.disk.pending[self.generation]
        self.disk.cut_back.pop(self.generation, None)
        self.disk.step()

    def truncate(self, length: int) -> None:
        self.disk.step()
        self.disk.cut_back[self.generation] = self.disk.pending[self.generation]
        self.disk.pending[self.generation] = self.disk.pending[self.generation][:length]

    def close(self) -> None:
        """Nothing is held."""


class Checkpoint:
    """A checkpoint that is written at once and for good, or not at all: SQLite's promise, cut on either side."""

    def __init__(self, disk: Disk) -> None:
        self.disk = disk
        self.rows: dict = {}
        self.covered = 0

    def generation(self) -> int:
        return self.covered

    def write(self, changes, generation) -> None:
        self.disk.step()
        if RESET in changes:
            self.rows.clear()
        for key, record in changes.items():
            if record is None:
                self.rows.pop(key, None)
            else:
                self.rows[key] = record
        self.covered = generation
        self.disk.step()

    def close(self) -> None:
        """Nothing is held."""


def group(number: int) -> dict:
    """Two new records, one that is overwritten again and again, and one that goes."""
    redo = {("a", "k", f"new{number}{side}"): Record(b"x" * 40, number, number) for side in "lr"}
    redo["a", "k", "hot"] = Record(b"%d" % number, 1, 1)
    redo["a", "k", f"new{number - 3}l"] = None
    return redo


def contents(disk: Disk, checkpoint: Checkpoint) -> dict:
    """What a start reads."""
    rows = dict(checkpoint.rows)
    for key, record in Journal(disk, checkpoint, log_bytes=LOG_BYTES).replay().items():
        if record is None:
            rows.pop(key, None)
        else:
            rows[key] = record
    return rows


def run(disk: Disk, checkpoint: Checkpoint, groups: int = 12) -> int:
    """Append groups with a tiny log, so that it is rotated and folded often; returns how many were acknowledged."""
    acknowledged = 0
    try:
        journal = Journal(disk, checkpoint, log_bytes=500)
        for number in range(1, groups + 1):
            journal.append(group(number))
            acknowledged = number
            journal.wait_folded()
        journal.close()
    except Cut:
        pass
    return acknowledged


def expected(groups: int) -> dict:
    rows: dict = {}
    for number in range(1, groups + 1):
        for key, record in group(number).items():
            if record is None:
                rows.pop(key, None)
            else:
                rows[key] = record
    return rows


def full(changes, generation) -> None:
    """A checkpoint's write on a full disk."""
    raise OSError(28, "No space left on device")


@contextmanager
def failing_sync(error: BaseException):
    """No sync comes to its end."""
    real = Log.sync

    def fail(self) -> None:
        raise error

    Log.sync = fail
    try:
        yield
    finally:
        Log.sync = real


def total_operations() -> int:
    disk = Disk()
    assert run(disk, Checkpoint(disk)) == 12
    return disk.operations


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("torn", [0, 1, 30, 60, 10_000])
def test_cut_anywhere_every_acknowledged_group_is_whole_and_the_last_is_whole_or_absent(torn):
    operations = total_operations()
    assert operations > 60
    for cut_at in range(1, operations + 1):
        disk = Disk(cut_at, torn)
        checkpoint = Checkpoint(disk)
        acknowledged = run(disk, checkpoint)
        after = disk.after_the_cut()
        checkpoint.disk = after
        rows = contents(after, checkpoint)
        assert rows in (expected(acknowledged), expected(acknowledged + 1)), f"cut at operation {cut_at}"


def test_after_a_torn_end_the_log_can_be_written_and_read_again():
    disk = Disk(torn=20)
    checkpoint = Checkpoint(disk)
    journal = Journal(disk, checkpoint, log_bytes=LOG_BYTES)
    journal.append(group(1))
    disk.pending[1] += b"half of a group that was never synced"
    after = disk.after_the_cut()
    again = Journal(after, checkpoint, log_bytes=LOG_BYTES)
    again.replay()
    again.append(group(2))
    assert contents(after, checkpoint) == expected(2)


def test_damage_in_the_middle_is_refused_not_guessed():
    disk = Disk()
    journal = Journal(disk, Checkpoint(disk), log_bytes=LOG_BYTES)
    for number in range(1, 4):
        journal.append(group(number))
    content = bytearray(disk.pending[1])
    content[60] ^= 0xFF
    disk.pending[1] = bytes(content)
    with pytest.raises(Damaged):
        Journal(disk, Checkpoint(disk), log_bytes=LOG_BYTES).replay()


def test_a_failed_write_leaves_the_log_as_it_was():
    disk = Disk()
    checkpoint = Checkpoint(disk)
    journal = Journal(disk, checkpoint, log_bytes=LOG_BYTES)
    journal.append(group(1))
    with failing_sync(OSError(28, "No space left on device")), pytest.raises(OSError, match="No space"):
        journal.append(group(2))
    assert contents(disk, checkpoint) == expected(1)
    journal.append(group(2))
    assert contents(disk, checkpoint) == expected(2)


def test_a_failed_write_of_a_log_that_is_then_left_does_not_come_back():
    """The write fails while an earlier fold holds up rotation; then the log is left, and power is cut."""
    disk = Disk(torn=10_000)
    checkpoint = Checkpoint(disk)
    may_go_on = threading.Event()
    write, checkpoint.write = checkpoint.write, lambda *args: (may_go_on.wait(10), write(*args))
    journal = Journal(disk, checkpoint, log_bytes=100)
    journal.append(group(1))
    journal.append(group(2))  # a new log; the fold of the first hangs
    with failing_sync(OSError(5, "Input/output error")), pytest.raises(OSError, match="Input"):
        journal.append(group(3))
    checkpoint.write = full  # no later fold: logs alone must tell
    may_go_on.set()
    journal.wait_folded()
    journal.append(group(3))
    after = disk.after_the_cut()
    checkpoint.disk = after
    assert sorted(disk.pending) == [2, 3]
    assert contents(after, checkpoint) == expected(3)


def test_an_interrupt_in_a_write_leaves_the_log_as_it_was():
    disk = Disk()
    checkpoint = Checkpoint(disk)
    journal = Journal(disk, checkpoint, log_bytes=LOG_BYTES)
    journal.append(group(1))
    with failing_sync(KeyboardInterrupt()), pytest.raises(KeyboardInterrupt):
        journal.append(group(2))
    journal.append(group(2))
    assert contents(disk, checkpoint) == expected(2)


def test_a_fold_that_fails_is_logged_and_made_up_for_by_the_next(caplog):
    disk = Disk()
    checkpoint = Checkpoint(disk)
    journal = Journal(disk, checkpoint, log_bytes=100)
    write, checkpoint.write = checkpoint.write, full
    for number in (1, 2, 3):
        journal.append(group(number))
        journal.wait_folded()
    assert checkpoint.covered == 0
    assert "The checkpoint was not written" in caplog.text
    assert sorted(disk.pending) == [1, 2, 3]
    checkpoint.write = write
    journal.append(group(4))
    journal.wait_folded()
    assert checkpoint.rows == expected(3)
    assert sorted(disk.pending) == [4]
    assert contents(disk, checkpoint) == expected(4)


def test_a_missing_log_is_refused_not_skipped():
    disk = Disk()
    checkpoint = Checkpoint(disk)
    journal = Journal(disk, checkpoint, log_bytes=100)
    checkpoint.write = full
    for number in (1, 2, 3):
        journal.append(group(number))
        journal.wait_folded()
    for lost in (1, 2):
        after = disk.after_the_cut()
        del after.pending[lost]
        with pytest.raises(Damaged, match="missing"):
            Journal(after, checkpoint, log_bytes=LOG_BYTES).replay()


def test_image_of_many_partitions_keeps_its_counter():
    image = Image()
    image.load([("a", "k", "x", Record(b"1", 5, 9))])
    assert image.next_sequence() == 10
