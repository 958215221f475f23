"""What the screens ask the control API for: some readers, what they sold, what there is to take, what a webhook says."""

from __future__ import annotations

import pytest
import stripe

from countertop.bench import Bench
from countertop.client import RequestRefused, ServerClient
from countertop.server import LiveServer


@pytest.fixture
def client(bench: Bench):
    with LiveServer(bench) as server, ServerClient(server.url) as client:
        yield client


def pay(bench: Bench, reader, amount: int = 1000, card: str = "visa"):
    intent = bench.call(
        "POST",
        "/v1/payment_intents",
        {"amount": amount, "currency": "usd", "payment_method_types": ["card_present"]},
    )
    bench.call("POST", f"/v1/terminal/readers/{reader.id}/process_payment_intent", {"payment_intent": intent["id"]})
    reader.tap(card)
    return intent["id"]


def test_some_readers(bench: Bench, client: ServerClient) -> None:
    one, _, three = (bench.reader(label=name) for name in ("one", "two", "three"))
    found = client.some_readers([three.serial, "WPE-GONE", one.serial])
    assert [view["label"] for view in found] == ["three", "one"]
    assert found[0]["last_seen_at"] is not None
    assert found[0]["card_in_slot"] is False
    assert client.some_readers([]) == []


def test_sales_by_reader_and_of_one(bench: Bench, client: ServerClient) -> None:
    till, bar = bench.reader(label="till"), bench.reader(label="bar")
    intent = pay(bench, till, 1000)
    pay(bench, till, 2500)
    pay(bench, bar, 700)
    totals = {row["reader"]: row for row in client.sales()}
    assert totals[till.id] == {"reader": till.id, "approved": 2, "declined": 0, "amounts": {"usd": 3500}}
    assert totals[bar.id]["amounts"] == {"usd": 700}
    assert client.sales(since=bench.clock.now() + 1) == []
    lines = client.reader_sales(till.id)
    assert [line["amount"] for line in lines] == [2500, 1000]
    assert lines[1]["payment_intent"] == intent
    assert lines[0]["card"].startswith("visa •••• ")
    assert lines[0]["read_method"] == "contactless_emv"
    assert [line["amount"] for line in client.reader_sales(till.id, limit=1)] == [2500]
    with pytest.raises(RequestRefused, match="whole number"):
        client._list("/sales?since=yesterday")


def test_a_declined_charge_counts_as_declined(bench: Bench, client: ServerClient) -> None:
    till = bench.reader(label="till")
    pay(bench, till, 1001, "visa")  # .01: the documented amount of a declined card
    assert client.sales() == [{"reader": till.id, "approved": 0, "declined": 1, "amounts": {}}]
    assert client.reader_sales(till.id)[0]["failure_code"] == "card_declined"


def test_everything_that_can_be_presented(bench: Bench, client: ServerClient) -> None:
    bench.fund_issuing(10_000)
    card = bench.issue_card()
    assert card.id not in {each["card"] for each in client.cards()}, "its parcel is still on the way"
    card.parcel.deliver()
    by_name = {each["card"]: each for each in client.cards()}
    assert by_name[card.id]["kind"] == "issued"
    assert by_name["visa"]["ways"] == ["tap", "insert", "swipe"]
    assert by_name["visa_stripe"]["ways"] == ["swipe"]
    assert by_name["apple_pay:visa"]["ways"] == ["tap"]
    assert "4242424242424242" not in repr(by_name)


def test_looking_leaves_no_trace_and_uses_up_no_fault(bench: Bench, client: ServerClient) -> None:
    till = bench.reader(label="till")
    pay(bench, till)
    bench.faults.arm("rate_limit", times=1)
    action = client.reader_action(till.id)
    assert action is not None
    assert action["process_payment_intent"]["payment_intent"].startswith("pi_")
    assert [place["key"] for place in client.locations()] == ["sk_test_counter"]
    assert client.faults(), "it is still armed"
    assert client.reader_action(bench.unbox()) is None


def test_models_and_faults(client: ServerClient) -> None:
    models = {model["model"]: model for model in client.models()}
    assert models["bbpos_wisepos_e"]["simulator"] == "simulated-wpe"
    assert "GB" in models["bbpos_wisepos_e"]["countries"]
    assert "offline" in {fault["name"] for fault in client.kinds_of_fault()}


def test_a_reader_is_switched_off_and_on(bench: Bench, client: ServerClient) -> None:
    till = bench.reader(label="till", simulated=False)
    assert client.reboot(till.id)["state"] == "booting"
    bench.advance(minutes=2)
    assert till.state == "idle"
    till.fault("hardware_fault")
    with pytest.raises(RequestRefused, match="broken"):
        client.reboot(till.id)


def test_a_delivery_can_be_verified_by_whoever_looks_at_it(bench: Bench, client: ServerClient) -> None:
    endpoint = bench.call(
        "POST", "/v1/webhook_endpoints", {"url": "http://127.0.0.1:9/hook", "enabled_events": ["customer.created"]}
    )
    bench.call("POST", "/v1/customers", {"name": "Ann"})
    row = client.deliveries(limit=1)[0]
    shown = client.delivery(row["id"])
    event = stripe.Webhook.construct_event(
        shown["body"], shown["headers"]["Stripe-Signature"], endpoint["secret"], tolerance=None
    )
    assert event.type == "customer.created"
    bench.call("DELETE", f"/v1/webhook_endpoints/{endpoint['id']}")
    assert client.delivery(row["id"])["body"] is None
    with pytest.raises(RequestRefused, match="no delivery"):
        client.delivery("nope")
    bench.call(
        "POST", "/v1/webhook_endpoints", {"url": "http://127.0.0.1:9/", "enabled_events": ["*"]}, key="sk_test_b"
    )
    bench.advance(seconds=5)
    bench.call("POST", "/v1/customers", {"name": "Bob"}, key="sk_test_b")
    rows = client.deliveries()
    assert [row["created"] for row in rows] == sorted((row["created"] for row in rows), reverse=True)
    assert len(client.deliveries(limit=1)) == 1
    with pytest.raises(RequestRefused, match="no number"):
        client._list("/deliveries?limit=many")
