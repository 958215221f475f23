"""Issuing over the control API and the command line: settings, tokens, lists, decisions, cards at readers by id."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from countertop.bench import DEFAULT_KEY, Bench
from countertop.cli.set_up import Wishes, prepare
from countertop.clock import Clock
from countertop.server import LiveServer

ISSUING = f"/_countertop/accounts/{DEFAULT_KEY}/issuing"


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Bench(clock=Clock(), accounts={DEFAULT_KEY: "GB"}) as bench:
        yield bench


@pytest.fixture
def http(bench: Bench) -> Iterator[httpx.Client]:
    with LiveServer(bench) as server, httpx.Client(base_url=server.url) as client:
        yield client


def test_settings(http: httpx.Client) -> None:
    shown = http.get(ISSUING).json()
    assert (shown["real_time_url"], shown["real_time_default"], shown["parcels"]) == ("", "decline", "manual")
    changed = http.post(ISSUING, json={"real_time_url": "http://127.0.0.1:9/x", "parcels": "auto"}).json()
    assert changed["parcels"] == "auto"
    assert changed["real_time_secret"].startswith("whsec_")
    kept = http.post(ISSUING, json={"real_time_default": "approve"}).json()
    assert kept["real_time_secret"] == changed["real_time_secret"], "the secret stays"


@pytest.mark.parametrize(
    "body",
    [
        {"real_time_url": "ftp://x"},
        {"real_time_default": "maybe"},
        {"parcels": "fast"},
        {"review_s": -1},
        {"real_time_secret": "whsec_mine"},
        {"colour": "red"},
        {"rates": {"eur": "dear"}},
    ],
)
def test_bad_settings(http: httpx.Client, body: dict[str, object]) -> None:
    answer = http.post(ISSUING, json=body)
    assert answer.status_code == 400
    assert "\n" not in answer.json()["error"]["message"]
    assert http.get(ISSUING).json()["real_time_url"] == ""


def test_a_wallet_asks_for_a_token_and_the_phone_pays(http: httpx.Client, bench: Bench) -> None:
    bench.fund_issuing(10_000)
    card = bench.issue_card(type="virtual", status="active")
    token = http.post(f"/_countertop/cards/{card.id}/tokens", json={"wallet": "google_pay"}).json()
    assert token["status"] == "active"
    reader = bench.reader()
    intent = bench.call(
        "POST", "/v1/payment_intents", {"amount": 900, "currency": "gbp", "payment_method_types": ["card_present"]}
    )
    bench.call("POST", f"/v1/terminal/readers/{reader.id}/process_payment_intent", {"payment_intent": intent["id"]})
    http.post(f"/_countertop/readers/{reader.id}/present", json={"how": "tap", "card": token["id"]})
    bench.advance(seconds=20)
    assert bench.call("GET", f"/v1/payment_intents/{intent['id']}")["status"] == "succeeded"
    (decided,) = http.get(f"{ISSUING}/decisions").json()
    assert (decided["card"], decided["approved"], decided["reason"]) == (card.id, True, "card_active")


def test_a_token_that_waits_for_its_code(http: httpx.Client, bench: Bench) -> None:
    card = bench.issue_card(type="virtual", status="active")
    body = {"wallet": "apple_pay", "status": "requested"}
    token = http.post(f"/_countertop/cards/{card.id}/tokens", json=body).json()
    assert token["status"] == "requested"
    confirmed = bench.call("POST", f"/v1/issuing/tokens/{token['id']}", {"status": "active"})
    assert confirmed["status"] == "active"


@pytest.mark.parametrize(
    ("card", "body"),
    [("ic_nope", {"wallet": "apple_pay"}), ("visa", {"wallet": "apple_pay"}), (None, {"wallet": "purse"}), (None, {})],
)
def test_tokens_that_nobody_gives(http: httpx.Client, bench: Bench, card: str | None, body: dict[str, str]) -> None:
    name = card or bench.issue_card(type="virtual", status="active").id
    assert http.post(f"/_countertop/cards/{name}/tokens", json=body).status_code == 400


@pytest.mark.parametrize(
    ("rejected", "status", "reason"), [(False, "active", "listed"), (True, "blocked", "rejected.listed")]
)
def test_a_watch_list(http: httpx.Client, bench: Bench, rejected: bool, status: str, reason: str) -> None:
    card = bench.issue_card(type="virtual", status="active")
    holder = card.object["cardholder"]["id"]
    path = f"/_countertop/accounts/{DEFAULT_KEY}/cardholders/{holder}/list"
    after = http.post(path, json={"rejected": rejected}).json()
    assert (after["status"], after["requirements"]["disabled_reason"]) == (status, reason)
    made = bench.call("POST", "/v1/test_helpers/issuing/authorizations", {"card": card.id, "amount": 100})
    wanted = "cardholder_blocked" if rejected else "cardholder_verification_required"
    assert made["request_history"][0]["reason"] == wanted


def test_no_such_cardholder(http: httpx.Client) -> None:
    path = f"/_countertop/accounts/{DEFAULT_KEY}/cardholders/ich_nope/list"
    assert http.post(path, json={}).status_code == 400


def test_settings_of_a_bench() -> None:
    with Bench(issuing={DEFAULT_KEY: {"parcels": "auto"}}) as made:
        card = made.issue_card(status="active")
        made.advance(hours=24 * 30)
        assert card.parcel.status == "delivered"


def test_settings_of_the_command_line() -> None:
    with Bench() as made:
        prepare(
            made,
            Wishes(issuing={"parcels": "auto", "real_time_url": "http://127.0.0.1:9/", "real_time_default": "approve"}),
        )
        settings = made.in_issuing(DEFAULT_KEY, lambda room, scope: room.settings(scope))
        assert (settings.parcels, settings.real_time_default) == ("auto", "approve")
        assert settings.real_time_secret.startswith("whsec_")
