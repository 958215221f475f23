"""The minimal checks of issuing.md §17 through the official SDK, in process and over HTTP."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import stripe

from countertop.bench import DEFAULT_KEY, Bench
from countertop.cards.numbers import is_valid_number
from countertop.clock import Clock
from countertop.server import LiveServer

ADDRESS = {"line1": "510 Townsend St", "city": "San Francisco", "state": "CA", "postal_code": "94103", "country": "US"}


@dataclass
class Bank:
    """An account that issues cards, its client, and what it can spend."""

    bench: Bench
    client: Any

    def __post_init__(self) -> None:
        self.issuing = self.client.v1.issuing
        self.helpers = self.client.v1.test_helpers.issuing

    def holder(self) -> str:
        made = self.issuing.cardholders.create(
            {"name": "Jenny Rosen", "email": "jenny@example.com", "billing": {"address": ADDRESS}, "type": "individual"}
        )
        return str(made.id)

    def card(self, **params: Any) -> Any:
        usual = {"cardholder": self.holder(), "currency": "usd", "type": "virtual", "status": "active"}
        return self.issuing.cards.create(usual | params)

    def fund(self, amount: int = 100_000) -> None:
        self.bench.fund_issuing(amount)

    def balance(self) -> int:
        return int(self.client.v1.balance.retrieve().issuing.available[0].amount)

    def ask(self, card: Any, amount: int, **params: Any) -> Any:
        return self.helpers.authorizations.create({"card": card.id, "amount": amount, **params})

    def events(self, prefix: str) -> list[str]:
        found = self.client.v1.events.list({"limit": 100}).data
        return [event.type for event in reversed(found) if event.type.startswith(prefix)]

    def moved(self, kind: str) -> list[int]:
        found = self.client.v1.balance_transactions.list({"limit": 100, "type": kind}).data
        return [entry.amount for entry in reversed(found)]


@pytest.fixture(params=["in process", "over HTTP"])
def bank(request: pytest.FixtureRequest) -> Iterator[Bank]:
    if request.param == "in process":
        with Bench() as bench:
            yield Bank(bench, bench.client())
        return
    with Bench(clock=Clock.real()) as bench, LiveServer(bench) as server:
        client = stripe.StripeClient(DEFAULT_KEY, base_addresses={"api": server.url}, max_network_retries=0)
        yield Bank(bench, client)


def test_1_a_cardholder_and_a_virtual_card(bank):
    holder = bank.holder()
    card = bank.issuing.cards.create({"cardholder": holder, "currency": "usd", "type": "virtual"})
    assert (card.cardholder.object, card.cardholder.id) == ("issuing.cardholder", holder)
    assert "number" not in card.to_dict()
    assert "cvc" not in card.to_dict()
    assert card.status == "inactive"
    controls = card.spending_controls.to_dict()
    assert controls.pop("spending_limits") == []
    assert set(controls.values()) == {None}


def test_2_its_number_for_those_who_ask(bank):
    card = bank.card()
    seen = bank.issuing.cards.retrieve(card.id, {"expand": ["number", "cvc"]})
    assert is_valid_number(seen.number)
    assert (len(seen.number), seen.number[:9], seen.number[-4:]) == (16, "400000999", card.last4)
    assert seen.cvc == "123"


def test_3_an_inactive_card(bank):
    card = bank.card(status="inactive")
    made = bank.ask(card, 500)
    assert (made.approved, made.status) == (False, "closed")
    assert made.request_history[0].reason == "card_inactive"
    assert bank.events("issuing_authorization") == ["issuing_authorization.created"]


def test_4_funded_and_active(bank):
    card = bank.card()
    bank.fund()
    made = bank.ask(card, 1234)
    assert (made.approved, made.request_history[0].reason) == (True, "card_active")
    assert [entry.amount for entry in made.balance_transactions] == [-1234]
    assert bank.balance() == 100_000 - 1234


def test_5_captured(bank):
    card = bank.card()
    bank.fund()
    made = bank.helpers.authorizations.capture(bank.ask(card, 1234).id)
    assert (made.status, made.amount) == ("closed", 1234)
    assert [entry.amount for entry in made.transactions] == [-1234]
    assert [entry.type for entry in made.balance_transactions] == [
        "issuing_authorization_hold",
        "issuing_authorization_release",
    ]
    assert bank.moved("issuing_transaction") == [-1234]
    assert bank.balance() == 100_000 - 1234


def test_6_reversed(bank):
    card = bank.card()
    bank.fund()
    made = bank.helpers.authorizations.reverse(bank.ask(card, 500).id)
    assert (made.amount, made.merchant_amount, made.status) == (0, 0, "reversed")
    assert made.request_history[0].amount == 500
    assert bank.balance() == 100_000


@pytest.mark.parametrize("default", ["approve", "decline"])
def test_7_an_endpoint_that_is_too_slow(bank, default):
    class Slow(BaseHTTPRequestHandler):
        def do_POST(self):
            json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            time.sleep(2.1)
            self.close_connection = True

        def log_message(self, *args):
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        card = bank.card()
        bank.fund()
        bank.bench.configure_issuing(real_time_url=f"http://127.0.0.1:{server.server_port}/", real_time_default=default)
        made = bank.ask(card, 500)
    finally:
        server.shutdown()
        server.server_close()
    assert (made.approved, made.request_history[0].reason) == (default == "approve", "webhook_timeout")


def test_8_a_daily_limit(bank):
    asked = bank.bench.inbox("issuing_authorization.request")
    card = bank.card(spending_controls={"spending_limits": [{"amount": 1000, "interval": "daily"}]})
    bank.fund()
    first, second = bank.ask(card, 600), bank.ask(card, 600)
    assert [made.request_history[0].reason for made in (first, second)] == ["card_active", "spending_controls"]
    assert asked.types == []
    bank.helpers.authorizations.reverse(first.id)
    assert bank.ask(card, 600).approved


def test_9_a_dispute_that_is_won(bank):
    card = bank.card()
    bank.fund()
    transaction = bank.helpers.authorizations.capture(bank.ask(card, 500).id).transactions[0]
    dispute = bank.issuing.disputes.create(
        {
            "transaction": transaction.id,
            "evidence": {"reason": "fraudulent", "fraudulent": {"explanation": "winning_evidence"}},
        }
    )
    assert dispute.status == "unsubmitted"
    assert bank.issuing.disputes.submit(dispute.id).status == "submitted"
    if bank.bench.clock.is_virtual:
        bank.bench.advance(seconds=10)
    deadline = time.monotonic() + 10
    while bank.issuing.disputes.retrieve(dispute.id).status == "submitted" and time.monotonic() < deadline:
        time.sleep(0.1)
    assert bank.issuing.disputes.retrieve(dispute.id).status == "won"
    assert bank.moved("issuing_dispute") == [500]
    assert {"issuing_dispute.created", "issuing_dispute.submitted", "issuing_dispute.closed"} <= set(
        bank.events("issuing_dispute")
    )


def test_10_a_physical_card_on_its_way(bank):
    card = bank.card(type="physical", status="inactive", shipping={"name": "Jenny Rosen", "address": ADDRESS})
    states = [card.shipping.status]
    for move in ("submit_card", "ship_card", "deliver_card"):
        states.append(getattr(bank.helpers.cards, move)(card.id).shipping.status)
    assert states == ["pending", "submitted", "shipped", "delivered"]
    assert bank.events("issuing_card.") == ["issuing_card.created"] + ["issuing_card.updated"] * 3
