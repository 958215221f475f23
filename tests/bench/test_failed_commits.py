"""A disk that fails for a moment: the call is refused, the world goes on, and no reader is stuck for ever."""

from __future__ import annotations

import pytest

from countertop.bench import Bench
from countertop.clock import Clock
from countertop.errors import ConfigurationError, StoreUnavailable
from countertop.store import open_store
from countertop.vault import Vault


@pytest.fixture
def durable(tmp_path):
    path = tmp_path / "world.db"
    with Bench(store=open_store(path), vault=Vault.for_file(path, sealed_rows=False), clock=Clock()) as bench:
        yield bench


class FullDisk:
    """Refuses to append; everything else is the real journal's."""

    def __init__(self, real):
        self.real = real

    def append(self, redo):
        raise OSError(28, "No space left on device")


def break_disk(bench):
    real = bench.store._journal
    bench.store._journal = FullDisk(real)

    def mend():
        bench.store._journal = real

    return mend


def test_a_sale_goes_on_when_the_disk_is_back(durable):
    reader = durable.reader()
    intent = durable.call(
        "POST",
        "/v1/payment_intents",
        {"amount": 1250, "currency": "usd", "allowed_payment_method_types": ["card_present"]},
    )
    durable.call("POST", f"/v1/terminal/readers/{reader.id}/process_payment_intent", {"payment_intent": intent["id"]})
    state = durable.devices
    from countertop.cards import Presentation, find_card

    durable.transact(lambda tx: state.present(tx, reader.serial, Presentation("tap", find_card("visa"))))
    mend = break_disk(durable)
    with pytest.raises(StoreUnavailable):
        durable.advance(seconds=30)
    mend()
    durable.advance(seconds=30)
    assert "Present card again" in reader.screen.text, "what the card said was lost with the commit"
    reader.tap("visa")
    assert durable.call("GET", f"/v1/payment_intents/{intent['id']}")["status"] == "succeeded"


def test_the_first_call_of_a_new_account_on_a_full_disk_is_503(durable):
    mend = break_disk(durable)
    with pytest.raises(Exception, match="503"):
        durable.call("GET", "/v1/customers", key="sk_test_new")
    mend()
    assert durable.call("GET", "/v1/customers", key="sk_test_new")["data"] == []


def test_a_damaged_snapshot_leaves_the_world_as_it_was(bench):
    customer = bench.call("POST", "/v1/customers", {"name": "kept"})["id"]
    good = bench.snapshot()
    for bad in (good.replace(b'"suffix"', b'"suffox"'), good[: len(good) // 2], good.replace(b" ", b" 9" * 20, 1)):
        with pytest.raises(ConfigurationError):
            bench.restore(bad)
        assert bench.call("GET", f"/v1/customers/{customer}")["name"] == "kept"


def test_a_creation_time_that_no_store_can_hold_is_not_loaded(bench):
    with pytest.raises(ConfigurationError, match="created"):
        bench.load([{"id": "cus_1", "object": "customer", "created": 9_300_000_000_000_000_000}])


def test_numbers_typed_in_the_wrong_place_reach_neither_rows_nor_feed(bench, api):
    pan, seen = "4539578763621486", []
    bench.feed.watch(lambda item: seen.append(repr(item.data)))
    api.post("/v1/accounts", f"type=custom&external_account[object]=card&external_account[number]={pan}")
    api.post("/v1/payment_methods", f"type=us_bank_account&us_bank_account[account_number]={pan}")
    api.post("/v1/customers", f"name[0]={pan}")
    api.post("/v1/customers", f"{pan}=1")
    assert seen
    assert not [item for item in seen if pan in item]
    assert pan.encode() not in bench.snapshot()
