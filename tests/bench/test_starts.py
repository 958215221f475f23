"""What a later start of a durable world must not do: repeat ids, or forget a delivery that was cut off."""

from __future__ import annotations

from countertop.bench import Bench
from countertop.clock import Clock
from countertop.store import open_store
from countertop.vault import Vault
from countertop.webhooks.deliveries import RETRY


def start(path) -> Bench:
    vault = Vault.for_file(path, sealed_rows=path.exists())
    return Bench(seed=7, store=open_store(path), vault=vault, clock=Clock())


def test_ids_are_not_drawn_again_after_a_reset_or_a_restore(tmp_path):
    path, seen = tmp_path / "world.db", []
    with start(path) as bench:
        empty = bench.snapshot()
        seen.append(bench.reader().id)
        bench.reset()
    with start(path) as bench:
        seen.append(bench.reader().id)
        bench.restore(empty)
    with start(path) as bench:
        seen.append(bench.reader().id)
    assert len(set(seen)) == 3


def test_a_retry_that_was_cut_off_is_sent_after_the_next_start(tmp_path):
    path = tmp_path / "world.db"
    with start(path) as bench:
        bench.inbox(answer=lambda item: 500)
        bench.call("POST", "/v1/customers")
        account = bench.account().id
        [row] = bench.transact(lambda tx: bench.world.deliveries.log(tx, account))
        # The timer fired and its row is gone; the attempt itself never came to an end.
        bench.transact(lambda tx: bench.world.timers.clear(tx, account, RETRY, row["id"]))
    with start(path) as bench:
        bench.wait_for_deliveries()
        [row] = bench.transact(lambda tx: bench.world.deliveries.log(tx, account))
        assert len(row["attempts"]) == 2
