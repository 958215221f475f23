"""The world as a whole: snapshots, reset, load, time, and hands that refuse in sentences."""

from __future__ import annotations

import pytest

from countertop.bench import CallFailed
from countertop.cards import UnknownCard
from countertop.errors import ConfigurationError, ReaderError

INTENT = {"amount": 1250, "currency": "usd", "payment_method_types": ["card_present"]}
CUSTOMER = {"id": "cus_Mine", "object": "customer", "created": 1_700_000_000, "livemode": False, "name": "Jenny"}


def ask(bench, reader, **options):
    intent = bench.call("POST", "/v1/payment_intents", {**INTENT, **options})["id"]
    bench.call("POST", f"/v1/terminal/readers/{reader.id}/process_payment_intent", {"payment_intent": intent})
    return intent


def status(bench, intent):
    return bench.call("GET", f"/v1/payment_intents/{intent}")["status"]


def names(bench):
    return [customer["name"] for customer in bench.call("GET", "/v1/customers")["data"]]


# --- snapshots ----------------------------------------------------------------------------------------------------


def test_restore_brings_objects_ids_time_and_readers_back(bench):
    reader = bench.reader(label="Till 1")
    bench.call("POST", "/v1/customers", {"name": "before"})
    held = ask(bench, reader, capture_method="manual")
    reader.tap("visa")
    bench.advance(minutes=1)
    taken, instant = bench.snapshot(), bench.clock.now_ms()
    identity = bench.call("POST", "/v1/customers", {"name": "after"})["id"]
    bench.call("DELETE", f"/v1/terminal/readers/{reader.id}")
    bench.advance(hours=24 * 30)
    assert status(bench, held) == "canceled"

    bench.restore(taken)

    assert bench.clock.now_ms() == instant
    assert names(bench) == ["before"]
    assert status(bench, held) == "requires_capture"
    with pytest.raises(CallFailed, match="No such customer"):
        bench.call("GET", f"/v1/customers/{identity}")
    back = bench.find_reader(reader.id)
    assert back.serial == reader.serial
    assert bench.call("GET", f"/v1/terminal/readers/{reader.id}")["label"] == "Till 1"
    bench.advance(minutes=2)
    paid = ask(bench, back)
    back.tap("visa")
    assert status(bench, paid) == "succeeded"


def test_restored_timers_fire(bench):
    reader = bench.reader()
    held = ask(bench, reader, capture_method="manual")
    reader.tap("mastercard")
    bench.advance(minutes=1)
    taken = bench.snapshot()
    bench.reset()
    bench.restore(taken)
    bench.advance(hours=47)
    assert status(bench, held) == "requires_capture"
    bench.advance(hours=2)
    assert status(bench, held) == "canceled"


def test_a_snapshot_restores_into_another_bench_of_the_same_seed(make_bench):
    first, second = make_bench(), make_bench()
    first.configure_account("sk_test_gb", country="GB")
    first.call("POST", "/v1/customers", {"name": "Jenny"}, key="sk_test_gb")
    second.restore(first.snapshot())
    assert second.account("sk_test_gb").country == "GB"
    assert [item["name"] for item in second.call("GET", "/v1/customers", key="sk_test_gb")["data"]] == ["Jenny"]


def test_no_snapshot_during_a_sale(bench):
    reader = bench.reader()
    ask(bench, reader)
    with pytest.raises(ReaderError, match=rf"{reader.serial} is busy"):
        bench.snapshot()
    bench.call("POST", f"/v1/terminal/readers/{reader.id}/cancel_action")
    assert bench.snapshot()


@pytest.mark.parametrize(
    "data", [b"", b"nonsense", b"countertop-snapshot 1 ", b"countertop-snapshot 1 x\n", b"\x00\n\xff"]
)
def test_other_bytes_are_no_snapshot_and_change_nothing(bench, data):
    bench.call("POST", "/v1/customers", {"name": "kept"})
    with pytest.raises(ConfigurationError, match="not a snapshot"):
        bench.restore(data)
    assert names(bench) == ["kept"]


def test_a_damaged_snapshot_changes_nothing(bench):
    bench.call("POST", "/v1/customers", {"name": "kept"})
    taken = bench.snapshot()
    bench.call("POST", "/v1/customers", {"name": "newer"})
    for damaged in (taken[:-7], taken[: len(taken) // 2], taken.replace(b"\n", b"\n\xff\xff", 1)):
        with pytest.raises(ConfigurationError):
            bench.restore(damaged)
        assert names(bench) == ["newer", "kept"]


def test_a_snapshot_shows_no_card_number(bench):
    reader = bench.reader()
    ask(bench, reader)
    reader.tap("visa")
    bench.advance(minutes=1)
    assert b"4242424242424242" not in bench.snapshot()


# --- reset and load -----------------------------------------------------------------------------------------------


def test_reset_empties_the_world_and_leaves_the_time(bench):
    reader = bench.reader()
    bench.configure_account("sk_test_counter", country="GB")
    inbox = bench.inbox()
    bench.call("POST", "/v1/customers", {"name": "old"})
    bench.faults.arm("rate_limit")
    bench.advance(hours=1)
    instant = bench.clock.now_ms()

    bench.reset()

    assert bench.clock.now_ms() == instant
    assert names(bench) == []
    assert bench.account().country == "US"
    before = len(inbox)
    bench.call("POST", "/v1/customers", {"name": "new"})
    assert len(inbox) == before
    with pytest.raises(ReaderError, match=reader.id):
        bench.find_reader(reader.id)
    fresh = bench.reader()
    paid = ask(bench, fresh)
    fresh.tap()
    assert status(bench, paid) == "succeeded"


def test_load_keeps_the_ids_that_objects_carry(bench):
    intent = bench.call("POST", "/v1/payment_intents", INTENT)
    assert bench.load([CUSTOMER, intent | {"id": "pi_Mine", "client_secret": "pi_Mine_secret_x"}]) == 2
    loaded = bench.call("GET", "/v1/customers/cus_Mine")
    assert (loaded["name"], loaded["created"]) == ("Jenny", 1_700_000_000)
    assert bench.call("POST", "/v1/payment_intents/pi_Mine", {"amount": 999})["amount"] == 999


def test_load_into_an_account(bench):
    bench.load([CUSTOMER], key="sk_test_other")
    assert names(bench) == []
    assert bench.call("GET", "/v1/customers/cus_Mine", key="sk_test_other")["name"] == "Jenny"


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"id": "x_1", "object": "no_such_type"}, r"Object 2 \(no_such_type x_1\): its `object` is no type"),
        ({"id": "x_1"}, r"Object 2 \(None x_1\)"),
        ({"object": "customer"}, r"Object 2 \(customer None\): it has no `id`"),
        (CUSTOMER | {"id": "cus_2", "name": 7}, r"Object 2 \(customer cus_2\): .*name.*text"),
        (CUSTOMER | {"id": "cus_2", "colour": "red"}, r"Object 2 \(customer cus_2\): .*colour.*unknown"),
    ],
)
def test_one_bad_object_is_named_and_nothing_is_loaded(bench, bad, said):
    with pytest.raises(ConfigurationError, match=said):
        bench.load([CUSTOMER, bad])
    assert names(bench) == []


# --- time ---------------------------------------------------------------------------------------------------------


def test_what_falls_due_on_the_way_happens_at_its_own_instant_and_in_order(bench):
    start = bench.clock.now()
    late = bench.reader(), "visa", 5 * 86_400
    soon = bench.reader(), "mastercard", 2 * 86_400
    due = {}
    for reader, card, window in (late, soon):
        intent = ask(bench, reader, capture_method="manual")
        reader.tap(card)
        due[intent] = window
    inbox = bench.inbox("payment_intent.canceled")
    bench.advance(hours=24 * 10)
    seen = [(item.event["data"]["object"]["id"], item.event["created"] - start) for item in inbox]
    assert [intent for intent, _ in seen] == sorted(due, key=due.__getitem__)
    for intent, after in seen:
        assert due[intent] <= after <= due[intent] + 60
    assert bench.clock.now() >= start + 10 * 86_400


def test_advance_adds_up_and_never_goes_back(bench):
    start = bench.clock.now_ms()
    bench.advance(hours=1, minutes=2, seconds=3, milliseconds=4)
    assert bench.clock.now_ms() - start == 3_723_004
    with pytest.raises(ValueError, match="time never goes back"):
        bench.advance(seconds=-1)
    assert bench.clock.now_ms() - start == 3_723_004


# --- inboxes and hands --------------------------------------------------------------------------------------------


def test_an_inbox_says_what_did_arrive(bench):
    inbox = bench.inbox()
    with pytest.raises(AssertionError, match=r"no webhook charge\.succeeded arrived; arrived so far: nothing"):
        inbox.expect("charge.succeeded")
    bench.call("POST", "/v1/customers")
    with pytest.raises(AssertionError, match=r"arrived so far: customer\.created"):
        inbox.expect("charge.succeeded")


@pytest.mark.parametrize(
    "touch",
    [
        lambda reader: reader.tap("visa"),
        lambda reader: reader.enter_pin("1234"),
        lambda reader: reader.remove_card(),
        lambda reader: reader.press("cancel"),
        lambda reader: reader.fault("no_such_fault"),
    ],
    ids=["tap", "enter_pin", "remove_card", "press", "fault"],
)
def test_hands_on_an_idle_reader_are_refused_in_a_sentence(bench, touch):
    reader = bench.reader()
    with pytest.raises(ReaderError) as caught:
        touch(reader)
    assert caught.value.message[0].isupper()
    assert caught.value.message.endswith(".")
    assert caught.value.hint, "it says what to do"
    assert reader.state == "idle"


def test_an_unknown_card_is_refused_with_its_neighbours(bench):
    reader = bench.reader()
    ask(bench, reader)
    with pytest.raises(UnknownCard, match="visa"):
        reader.tap("viza")
    assert reader.state == "waiting"


def test_an_unknown_reader_is_refused(bench):
    with pytest.raises(ReaderError, match="tmr_none"):
        bench.find_reader("tmr_none")


def test_a_failed_call_carries_the_envelope(bench):
    with pytest.raises(CallFailed, match="400: Missing required param: currency") as caught:
        bench.call("POST", "/v1/payment_intents", {"amount": 1})
    assert (caught.value.status, caught.value.error["code"]) == (400, "parameter_missing")
