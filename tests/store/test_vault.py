"""The vault: card numbers and secrets, sealed in rows, in clear nowhere else."""

from __future__ import annotations

import pytest

from countertop.errors import DataFileError
from countertop.store import memory_store, open_store
from countertop.vault import Vault

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


def test_a_number_is_in_no_file_and_comes_back_after_a_restart(tmp_path):
    data = tmp_path / "world.db"
    store = open_store(data)
    vault = Vault.for_file(data, sealed_rows=False)
    with store.transaction() as tx:
        token = vault.tokenize(tx, PAN)
        vault.seal(tx, "pin", b"1234")
    assert not any(PAN.encode() in file.read_bytes() for file in tmp_path.iterdir())
    store.close()
    assert not any(PAN.encode() in file.read_bytes() for file in tmp_path.iterdir())
    store = open_store(data)
    again = Vault.for_file(data, sealed_rows=True)
    with store.transaction() as tx:
        assert again.reveal(tx, token) == PAN
        assert again.open(tx, "pin") == b"1234"
        assert again.tokenize(tx, PAN) == token
    store.close()


def test_what_was_rolled_back_or_reset_is_not_revealed():
    store = memory_store()
    vault = Vault.in_memory(1)
    with pytest.raises(ZeroDivisionError), store.transaction() as tx:
        token = vault.tokenize(tx, PAN)
        raise ZeroDivisionError
    with store.transaction() as tx, pytest.raises(KeyError):
        vault.reveal(tx, token)
    with store.transaction() as tx:
        assert vault.reveal(tx, vault.tokenize(tx, PAN)) == PAN
    store.reset()
    with store.transaction() as tx, pytest.raises(KeyError):
        vault.reveal(tx, token)


def test_same_seed_same_rows_and_another_seed_other_tokens():
    rows = []
    for seed in (1, 1, 2):
        store = memory_store()
        with store.transaction() as tx:
            Vault.in_memory(seed).tokenize(tx, PAN)
        rows.append(store.snapshot())
    assert rows[0] == rows[1] != rows[2]


def test_a_key_file_of_another_length_is_a_sentence(tmp_path):
    (tmp_path / "world.db.key").write_bytes(b"short")
    with pytest.raises(DataFileError, match="not a key file"):
        Vault.for_file(tmp_path / "world.db", sealed_rows=False)


def test_a_key_file_that_was_begun_is_begun_again(tmp_path):
    (tmp_path / "world.db.key.new").write_bytes(b"half")
    Vault.for_file(tmp_path / "world.db", sealed_rows=False)
    assert [file.name for file in tmp_path.iterdir()] == ["world.db.key"]
