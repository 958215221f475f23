"""Data files that are not ours, damaged, locked, or on a full disk: one sentence, and the file untouched."""

from __future__ import annotations

import sqlite3

import pytest

from countertop.errors import ConfigurationError, DataFileError, StoreUnavailable
from countertop.store import memory_store, open_store


def fill(path, count=3):
    store = open_store(path)
    for number in range(count):
        with store.transaction() as tx:
            tx.put("a", "k", {"id": f"o{number}"}, created=number)
    return store


def test_what_was_written_is_there_after_a_restart_and_a_clean_stop_leaves_one_file(tmp_path):
    path = tmp_path / "deep" / "world.db"
    fill(path).close()
    assert sorted(file.name for file in path.parent.iterdir()) == ["world.db", "world.db.lock"]
    store = open_store(path)
    with store.transaction() as tx:
        assert [name for name, _ in tx.each("a", "k")] == ["o2", "o1", "o0"]
    store.close()


@pytest.mark.parametrize("content", [b"not a database", b"SQLite format 3\x00" + b"\xff" * 5000, b"\x00" * 4096])
def test_a_corrupt_file_is_one_sentence_and_untouched(tmp_path, content):
    path = tmp_path / "world.db"
    path.write_bytes(content)
    with pytest.raises(DataFileError) as caught:
        open_store(path)
    assert "\n" not in str(caught.value)
    assert str(caught.value).count(str(path)) == 1
    assert "--data" in caught.value.hint
    assert path.read_bytes() == content


def test_another_programs_database_is_refused_and_untouched(tmp_path):
    path = tmp_path / "theirs.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(DataFileError, match="another program's file"):
        open_store(path)
    assert path.read_bytes() == before


def test_a_newer_schema_is_refused(tmp_path):
    path = tmp_path / "world.db"
    fill(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(DataFileError, match="another version"):
        open_store(path)
    assert path.read_bytes() == before


def test_a_second_server_is_kept_out_until_the_first_is_gone(tmp_path):
    path = tmp_path / "world.db"
    store = fill(path)
    with pytest.raises(DataFileError, match="in use by another"):
        open_store(path)
    store.close()
    open_store(path).close()


def test_a_damaged_log_is_refused_and_kept(tmp_path):
    path = tmp_path / "world.db"
    store = fill(path, 5)
    store._journal._log.close()
    store._lock.close()
    log = tmp_path / "world.db.log.1"
    content = bytearray(log.read_bytes())
    content[40] ^= 0xFF
    log.write_bytes(content)
    with pytest.raises(DataFileError, match="damaged"):
        open_store(path)
    assert log.read_bytes() == content


def test_disk_full_refuses_writes_serves_reads_and_goes_on_later(tmp_path):
    store = fill(tmp_path / "world.db")

    class Full:
        def append(self, data):
            raise OSError(28, "No space left on device")

        def truncate(self, length):
            """Nothing was written."""

    real, store._journal._log = store._journal._log, Full()
    with pytest.raises(StoreUnavailable, match="No space left"), store.transaction() as tx:
        tx.put("a", "k", {"id": "lost"}, created=9)
    with store.transaction() as tx:
        assert tx.get("a", "k", "o1") == {"id": "o1"}
        assert tx.get("a", "k", "lost") is None
    store._journal._log = real
    with store.transaction() as tx:
        tx.put("a", "k", {"id": "kept"}, created=9)
    store.close()
    store = open_store(tmp_path / "world.db")
    with store.transaction() as tx:
        assert [name for name, _ in tx.each("a", "k")] == ["kept", "o2", "o1", "o0"]
    store.close()


def test_other_bytes_are_no_snapshot():
    store = memory_store()
    for data in (
        b"",
        b"junk",
        *(b"countertop-rows 1\n" + rest for rest in (b"99\n[]", b"x", b"3\n[1]", b"1\n5", b"2\n[]x")),
    ):
        with pytest.raises(ConfigurationError):
            store.restore(data)


def test_transactions_do_not_nest():
    store = memory_store()
    with pytest.raises(RuntimeError, match="do not nest"), store.transaction(), store.transaction():
        raise AssertionError("never reached")


def test_a_page_costs_the_same_in_a_small_and_a_large_partition():
    """Counted in steps over places, not in time."""
    from countertop.store import paging

    counts = []
    for size in (1_002, 10_002):
        store = memory_store()
        with store.transaction() as tx:
            for number in range(size):
                tx.put("a", "k", {"id": f"o{number}", "colour": number % 2, "size": number % 3}, created=number)
            tx.page("a", "k", limit=1, where={"colour": 1, "size": 2})
            seen = 0
            real = paging._run

            def counted(places, bounds, oldest_first, real=real):
                nonlocal seen
                for place in real(places, bounds, oldest_first):
                    seen += 1
                    yield place

            paging._run = counted
            try:
                tx.page("a", "k", limit=10, where={"colour": 1, "size": 2}, after=f"o{size // 2}")
                tx.page("a", "k", limit=10)
            finally:
                paging._run = real
        counts.append(seen)
    assert counts[0] == counts[1]


def test_a_damaged_page_is_refused_and_the_file_untouched(tmp_path):
    path = tmp_path / "world.db"
    store = open_store(path)
    with store.transaction() as tx:
        for number in range(400):
            tx.put_raw("a", "k", f"o{number:05}", b"1" * 300, created=number)
    store.close()
    content = bytearray(path.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 4096] = b"\xff" * 4096
    path.write_bytes(content)
    with pytest.raises(DataFileError, match="damaged"):
        open_store(path)
    assert path.read_bytes() == content


def test_a_start_that_was_killed_while_it_made_the_file_can_be_made_again(tmp_path):
    path = tmp_path / "world.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    assert path.stat().st_size > 0
    fill(path).close()
    store = open_store(path)
    with store.transaction() as tx:
        assert tx.count("a", "k") == 3
    store.close()


def test_after_close_reads_go_on_and_writes_are_refused_not_forgotten(tmp_path):
    store = fill(tmp_path / "world.db")
    store.close()
    with pytest.raises(StoreUnavailable, match="closed"), store.transaction() as tx:
        tx.put("a", "k", {"id": "late"}, created=9)
    with store.transaction() as tx:
        assert tx.count("a", "k") == 3
    store.close()


def test_a_group_is_not_flushed_in_the_middle_of_a_transaction():
    store = memory_store()
    with pytest.raises(RuntimeError, match="under way"), store.transaction():
        store.flush()


def test_what_cannot_be_encoded_is_not_left_in_memory(tmp_path):
    store = open_store(tmp_path / "world.db")
    with pytest.raises(TypeError), store.transaction() as tx:
        tx.put_raw("a", "k", "\ud800", b"1", created=1)
    with store.transaction() as tx:
        assert tx.count("a", "k") == 0
    store.close()


def test_effects_come_after_the_flush_in_order_and_never_after_a_rollback(tmp_path):
    store = open_store(tmp_path / "world.db")
    seen = []
    with pytest.raises(ZeroDivisionError), store.transaction() as tx:
        tx.after_commit(lambda: seen.append("never"))
        raise ZeroDivisionError
    store.grouping = True
    for name in ("first", "second"):
        with store.transaction() as tx:
            tx.put("a", "k", {"id": name}, created=1)
            tx.after_commit(lambda name=name: seen.append((name, store.dirty)))
    assert store.dirty
    assert seen == []
    store.flush()
    assert seen == [("first", False), ("second", False)]
    store.close()


def test_filters_are_exact_and_follow_replacement():
    store = memory_store()
    with store.transaction() as tx:
        for name, value in (("true", True), ("one", 1), ("text", "1"), ("null", None), ("list", [1])):
            tx.put("a", "k", {"id": name, "v": value}, created=1)

        def found(value):
            return [body.split(b'"')[3].decode() for body in tx.page("a", "k", limit=9, where={"v": value}).bodies]

        assert [found(value) for value in (True, 1, "1", None, False, 0)] == [
            ["true"],
            ["one"],
            ["text"],
            ["null"],
            [],
            [],
        ]
        tx.put("a", "k", {"id": "one", "v": True}, created=1)
        tx.put("a", "k", {"id": "text", "v": ["1"]}, created=1)
        tx.put("a", "k", {"id": "list", "v": "1"}, created=1)
        assert [found(value) for value in (True, 1, "1")] == [["one", "true"], [], ["list"]]


def test_a_body_that_cannot_be_indexed_changes_nothing():
    store = memory_store()
    with store.transaction() as tx:
        tx.put("a", "k", {"id": "o", "v": 1}, created=1)
        tx.page("a", "k", limit=1, where={"v": 1})
    with pytest.raises(ValueError), store.transaction() as tx:
        tx.put_raw("a", "k", "o", b"\xff", created=1)
    with store.transaction() as tx:
        assert tx.get("a", "k", "o") == {"id": "o", "v": 1}
        assert len(tx.page("a", "k", limit=1, where={"v": 1}).bodies) == 1
