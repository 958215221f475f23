"""The control API, route by route, through its client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from countertop.bench import DEFAULT_KEY, Bench
from countertop.client import RequestRefused, ServerClient
from countertop.clock import Clock
from countertop.server import LiveServer

CONTROL = "/_countertop"


def sale(control: ServerClient, bench: Bench, **intent: object) -> tuple[str, str]:
    """A reader that waits for a card, and the intent it waits for."""
    reader = bench.reader(label="Till").id
    params = {"amount": 1250, "currency": "usd", "payment_method_types": ["card_present"], **intent}
    made = control.call("POST", "/v1/payment_intents", params)["id"]
    control.call("POST", f"/v1/terminal/readers/{reader}/process_payment_intent", {"payment_intent": made})
    return reader, made


def test_info_says_what_this_is(control: ServerClient, server: LiveServer, bench: Bench) -> None:
    bench.account()
    info = control.info()
    assert (info["name"], info["url"], info["seed"]) == ("countertop", server.url, "0")
    assert info["accounts"] == 1
    assert info["clock"]["frozen"] is True


def test_the_clock_is_advanced_frozen_and_sped_up(control: ServerClient, bench: Bench) -> None:
    before = control.clock()["now_ms"]
    assert control.advance(90_000)["now_ms"] == before + 90_000
    assert bench.clock.now_ms() == before + 90_000
    assert control.set_speed(60)["speed"] == 60
    assert control.freeze()["frozen"] is True
    stopped = control.clock()["now_ms"]
    assert control.clock()["now_ms"] == stopped
    assert control.freeze(False)["speed"] == 1


@pytest.mark.parametrize(
    "body", [{"advance_ms": -1}, {"speed": 0}, {"speed": 2, "freeze": True}, {"spead": 2}, {"advance_ms": "soon"}]
)
def test_a_clock_that_cannot_be_is_refused(control: ServerClient, http: httpx.Client, body: object) -> None:
    answer = http.post(f"{CONTROL}/clock", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


def test_what_is_no_json_is_refused(http: httpx.Client) -> None:
    answer = http.post(f"{CONTROL}/clock", content=b"{")
    assert answer.status_code == 400


def test_reset_empties_the_world(control: ServerClient) -> None:
    control.call("POST", "/v1/customers", {"name": "Ada"})
    control.reset()
    assert control.call("GET", "/v1/customers")["data"] == []


def test_accounts_are_declared_looked_at_and_changed(control: ServerClient) -> None:
    assert control.configure_account("sk_test_london", country="GB")["default_currency"] == "gbp"
    shown = control.account("sk_test_london")
    assert (shown["key"], shown["country"]) == ("sk_test_london", "GB")
    assert control.account(shown["id"]) == control.account("london") == shown
    assert shown in control.accounts()
    with pytest.raises(RequestRefused, match="Unknown account country"):
        control.configure_account("sk_test_london", country="XX")


def test_an_account_can_be_declared_with_its_key_in_the_body(http: httpx.Client) -> None:
    answer = http.post(f"{CONTROL}/accounts", json={"key": "sk_test_paris", "country": "FR", "mcc": "5812"})
    assert (answer.json()["country"], answer.json()["mcc"]) == ("FR", "5812")


def test_looking_at_an_account_does_not_make_it(control: ServerClient) -> None:
    with pytest.raises(RequestRefused) as refused:
        control.account("sk_test_nobody")
    assert refused.value.status == 404
    assert control.accounts() == []


def test_a_snapshot_is_restored(control: ServerClient, bench: Bench) -> None:
    made = control.call("POST", "/v1/customers", {"name": "Ada"})["id"]
    instant = control.clock()["now_ms"]
    picture = control.snapshot()
    control.call("DELETE", f"/v1/customers/{made}")
    control.advance(1000)
    control.restore(picture)
    assert control.call("GET", f"/v1/customers/{made}")["name"] == "Ada"
    assert bench.clock.now_ms() == instant


def test_bytes_that_are_no_snapshot_are_refused(control: ServerClient) -> None:
    with pytest.raises(RequestRefused, match="not a snapshot") as refused:
        control.restore(b"something else")
    assert refused.value.status == 400


def test_no_snapshot_in_the_middle_of_a_sale(control: ServerClient, bench: Bench) -> None:
    sale(control, bench)
    with pytest.raises(RequestRefused) as refused:
        control.snapshot()
    assert refused.value.status == 409


@pytest.mark.parametrize(
    "text",
    [
        b'[{"id": "cus_1", "object": "customer", "name": "Ada"}]',
        b'{"objects": [{"id": "cus_1", "object": "customer", "name": "Ada"}]}',
        b'{"id": "cus_1", "object": "customer", "name": "Ada"}\n{"id": "cus_2", "object": "customer"}\n',
    ],
)
def test_objects_are_loaded_with_their_ids(control: ServerClient, text: bytes) -> None:
    count = control.load(text)
    assert control.call("GET", "/v1/customers/cus_1")["name"] == "Ada"
    assert len(control.call("GET", "/v1/customers")["data"]) == count


def test_objects_are_loaded_into_the_account_that_was_named(control: ServerClient) -> None:
    control.load([{"id": "cus_1", "object": "customer"}], key="sk_test_other")
    assert control.call("GET", "/v1/customers/cus_1", key="sk_test_other")["id"] == "cus_1"
    with pytest.raises(RequestRefused):
        control.call("GET", "/v1/customers/cus_1")


@pytest.mark.parametrize(
    "objects", [[{"id": "cus_1", "object": "customer"}, {"id": "x", "object": "wombat"}], [{"object": "customer"}]]
)
def test_objects_that_are_wrong_are_refused_as_a_whole(control: ServerClient, objects: list[dict[str, str]]) -> None:
    with pytest.raises(RequestRefused, match="Object"):
        control.load(objects)
    assert control.call("GET", "/v1/customers")["data"] == []


def test_faults_are_armed_listed_and_cleared(control: ServerClient, http: httpx.Client) -> None:
    control.arm_fault("server_error", times=3, path_prefix="/v1/customers")
    assert [(fault["name"], fault["times"]) for fault in control.faults()] == [("server_error", 3)]
    assert http.get("/v1/customers").status_code == 500
    control.clear_faults()
    assert http.get("/v1/customers").status_code == 200
    with pytest.raises(RequestRefused, match="no API fault 'rain'"):
        control.arm_fault("rain")


def test_readers_are_listed_with_what_they_show(control: ServerClient, bench: Bench) -> None:
    reader, _ = sale(control, bench)
    [view] = control.readers()
    assert (view["id"], view["label"], view["key"], view["status"]) == (reader, "Till", DEFAULT_KEY, "online")
    assert view["action"]["status"] == "in_progress"
    assert "$12.50" in view["screen"]["text"]
    assert control.reader(reader) == control.reader(view["serial"]) == view


def test_a_large_fleet_is_listed_page_by_page(
    control: ServerClient, bench: Bench, http: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [bench.reader(label=f"Till {number}").id for number in range(5)]
    first = http.get(f"{CONTROL}/readers?limit=2").json()
    assert [view["id"] for view in first] == made[:2]
    rest = http.get(f"{CONTROL}/readers?after={first[-1]['serial']}").json()
    assert [view["id"] for view in rest] == made[2:]
    for size in (1, 2, 5, 6):
        monkeypatch.setattr("countertop.client.client.READERS_PER_PAGE", size)
        assert [view["id"] for view in control.readers()] == made


def test_a_card_is_tapped(control: ServerClient, bench: Bench) -> None:
    reader, intent = sale(control, bench)
    view = control.present(reader, "tap", "visa")
    assert view["action"]["status"] == "succeeded"
    assert control.call("GET", f"/v1/payment_intents/{intent}")["status"] == "succeeded"


def test_a_locked_phone_is_looked_at_first(control: ServerClient, bench: Bench) -> None:
    reader, intent = sale(control, bench)
    view = control.present(reader, "tap", "apple_pay:visa", locked=True)
    assert (view["action"]["status"], view["signals"]["tone"]) == ("in_progress", "alert")
    view = control.present(reader, "tap", "apple_pay:visa")
    assert view["action"]["status"] == "succeeded"
    assert control.call("GET", f"/v1/payment_intents/{intent}")["status"] == "succeeded"


def test_two_cards_are_one_too_many(control: ServerClient, bench: Bench) -> None:
    reader, _ = sale(control, bench)
    assert control.present(reader, "tap", "visa", beside=["mastercard"])["action"]["status"] == "in_progress"


@pytest.mark.parametrize(
    ("how", "card", "more"),
    [
        ("tap", "visa", {"locked": True}),
        ("insert", "apple_pay:visa", {"express": True}),
        ("insert", "visa", {"beside": ["mastercard"]}),
        ("tap", "visa", {"beside": ["wisa"]}),
        ("tap", "apple_pay:interac", {}),
        ("tap", "purse:visa", {}),
        ("tap", ":", {}),
        ("swipe", "apple_pay:visa", {}),
        ("swipe", "visa_stripe", {"card_faults": ["mute"]}),
        ("tap", "visa_stripe", {}),
    ],
)
def test_what_no_hand_can_do_is_refused_in_a_sentence(
    control: ServerClient, bench: Bench, how: str, card: str, more: dict[str, Any]
) -> None:
    reader, intent = sale(control, bench)
    with pytest.raises(RequestRefused) as refused:
        control.present(reader, how, card, **more)
    assert refused.value.status in (400, 409)
    assert control.call("GET", f"/v1/payment_intents/{intent}")["status"] == "requires_payment_method"
    assert control.reader(reader)["action"]["status"] == "in_progress"


def test_a_card_is_inserted_needs_its_pin_and_is_taken_out(control: ServerClient, bench: Bench) -> None:
    reader, _ = sale(control, bench)
    view = control.present(reader, "insert", "online_pin_cvm")
    assert view["screen"]["prompt"] == "pin"
    view = control.enter_pin(reader, "1234")
    assert view["screen"]["prompt"] != "pin"
    assert control.remove_card(reader)["id"] == reader


def test_a_declined_card_says_why(control: ServerClient, bench: Bench) -> None:
    reader, _ = sale(control, bench)
    action = control.present(reader, "tap", "charge_declined")["action"]
    assert (action["status"], action["failure_code"]) == ("failed", "card_declined")


def test_a_button_that_is_not_shown_cannot_be_pressed(control: ServerClient, bench: Bench) -> None:
    reader = bench.reader().id
    with pytest.raises(RequestRefused) as refused:
        control.press(reader, "cancel")
    assert refused.value.status == 409


def test_a_card_that_nobody_asked_for_is_refused(control: ServerClient, bench: Bench) -> None:
    with pytest.raises(RequestRefused) as refused:
        control.present(bench.reader().id, "tap", "visa")
    assert refused.value.status == 409


def test_a_card_that_does_not_exist_is_refused(control: ServerClient, bench: Bench) -> None:
    reader, _ = sale(control, bench)
    with pytest.raises(RequestRefused, match="no test card") as refused:
        control.present(reader, "tap", "wisa")
    assert refused.value.status == 400


def test_a_reader_goes_offline_and_comes_back(control: ServerClient, bench: Bench) -> None:
    reader = bench.reader().id
    assert control.reader_fault(reader, "offline")["faults"] == ["offline"]
    control.advance(130_000)
    assert control.reader(reader)["status"] == "offline"
    assert control.reader_fault(reader, "offline", on=False)["status"] == "online"


def test_a_device_is_unboxed_and_registered_by_its_code(control: ServerClient) -> None:
    box = control.unbox("GB")
    assert (box["id"], box["state"]) == (None, "pairing")
    assert box["pairing_code"] in box["screen"]["text"]
    control.configure_account(DEFAULT_KEY, country="GB")
    address = {"line1": "1 Long Acre", "city": "London", "postal_code": "WC2E 9LH", "country": "GB"}
    shop = control.call("POST", "/v1/terminal/locations", {"display_name": "Shop", "address": address})["id"]
    params = {"registration_code": box["pairing_code"], "location": shop}
    made = control.call("POST", "/v1/terminal/readers", params)
    assert control.reader(box["serial"])["id"] == made["id"]


@pytest.mark.parametrize("reader", ["tmr_nobody", "WSC500000000"])
def test_a_reader_that_is_not_there_is_a_404(control: ServerClient, reader: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        control.reader(reader)
    assert refused.value.status == 404


def test_deliveries_are_logged_and_sent_again(control: ServerClient, bench: Bench) -> None:
    statuses = [500, 200, 200]
    inbox = bench.inbox("customer.created", answer=lambda item: statuses.pop(0))
    control.call("POST", "/v1/customers", {"name": "Ada"})
    [row] = control.deliveries()
    assert (row["event_type"], row["status"]) == ("customer.created", "pending")
    assert [attempt["status"] for attempt in row["attempts"]] == [500]
    control.resend(row["id"])
    [row] = control.deliveries(DEFAULT_KEY)
    assert (row["status"], len(row["attempts"])) == ("delivered", 2)
    assert control.call("GET", f"/v1/events/{row['event']}")["pending_webhooks"] == 0
    control.resend(row["id"])
    assert len(inbox) == 3
    assert control.call("GET", f"/v1/events/{row['event']}")["pending_webhooks"] == 0
    with pytest.raises(RequestRefused) as refused:
        control.resend("evt_1:we_1")
    assert refused.value.status == 404


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "nothing", 404), ("PUT", "clock", 405), ("GET", "reset", 405)]
)
def test_unknown_routes_say_so(http: httpx.Client, method: str, path: str, status: int) -> None:
    answer = http.request(method, f"{CONTROL}/{path}")
    assert answer.status_code == status
    assert answer.json()["error"]["hint"]


def test_timers_fire_by_themselves_while_the_clock_runs(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(clock=Clock.real(1000.0))
    statuses = [500, 200]
    inbox = bench.inbox("customer.created", answer=lambda item: statuses.pop(0))
    with LiveServer(bench) as server, ServerClient(server.url) as client:
        client.call("POST", "/v1/customers", {"name": "Ada"})
        for _ in range(2_000):  # five minutes of bench time until the retry are 0.3 s of ours
            if client.deliveries()[0]["status"] == "delivered":
                break
        assert inbox.types == ["customer.created"] * 2


def test_timers_of_a_frozen_clock_fire_when_it_is_advanced(control: ServerClient, bench: Bench) -> None:
    statuses = [500, 200]
    inbox = bench.inbox("customer.created", answer=lambda item: statuses.pop(0))
    control.call("POST", "/v1/customers", {"name": "Ada"})
    control.advance(5 * 60_000)
    assert len(inbox) == 2


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("input", {}),
        ("input", {"value": "x", "skip": True}),
        ("input", {"toggle": -1}),
        ("tip", {"amount": -1}),
        ("tip", {"amount": 10**12}),
        ("choose", {}),
        ("power", {"plugged": "perhaps"}),
        ("install", {"version": ""}),
        ("fault", {"name": "offline", "at_ms": 1, "in_ms": 1}),
        ("fault", {"name": "offline", "on": False, "in_ms": 1}),
    ],
)
def test_hands_that_cannot_be_are_refused(bench, http, path, body):
    reader = bench.reader().id
    answer = http.post(f"/_countertop/readers/{reader}/{path}", json=body)
    assert answer.status_code == 400, answer.text
    assert "It takes:" in answer.json()["error"]["hint"]
