"""Data files that are not ours, damaged, locked, or on a full disk: one sentence, and the file untouched."""

from __future__ import annotations

import sqlite3

import pytest

from countertop.errors import ConfigurationError, DataFileError, StoreUnavailable
from countertop.store import memory_store, open_store
from countertop.vault import Vault


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
    with pytest.raises(DataFileError, match="another version"):
        open_store(path)


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
    for data in (b"", b"junk", b"countertop-rows 1\n99\n[]", b"countertop-rows 1\nx"):
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


# --- the vault ----------------------------------------------------------------------------------------------------

PAN = "4242424242424242"


def test_a_number_has_one_token_and_is_nowhere_in_clear():
    store = memory_store()
    vault = Vault.in_memory("seed")
    with store.transaction() as tx:
        token = vault.tokenize(tx, PAN)
        assert vault.tokenize(tx, PAN) == token
        assert vault.tokenize(tx, "5555555555554444") != token
    with store.transaction() as tx:
        assert Vault.in_memory("seed").reveal(tx, token) == PAN
    assert PAN.encode() not in store.snapshot()
    assert PAN not in repr(vault)
    assert vault.fingerprint(PAN, "acct_1") != vault.fingerprint(PAN, "acct_2")


def test_key_file_is_private_and_its_loss_is_a_sentence(tmp_path):
    data = tmp_path / "world.db"
    vault = Vault.for_file(data, sealed_rows=False)
    key = tmp_path / "world.db.key"
    assert key.stat().st_mode & 0o777 == 0o600
    store = memory_store()
    with store.transaction() as tx:
        token = vault.tokenize(tx, PAN)
        assert Vault.for_file(data, sealed_rows=True).reveal(tx, token) == PAN
        key.unlink()
        with pytest.raises(DataFileError, match="key file"):
            Vault.for_file(data, sealed_rows=True)
        other = Vault.for_file(data, sealed_rows=False)
        with pytest.raises(DataFileError, match="another data file"):
            other.reveal(tx, token)
