"""Real-time authorization against a real endpoint on loopback: every outcome of issuing.md §6.6."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import stripe

from countertop.bench import Bench
from countertop.clock import Clock
from countertop.server import LiveServer

VERSION = {"Stripe-Version": "2026-10-28.endive"}


class Endpoint:
    """A local service that answers as it is told, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[dict, bytes, str]] = []
        self.status, self.headers, self.body, self.delay_s = 200, dict(VERSION), b'{"approved": true}', 0.0
        self.drip_s = 0.0
        self.before_answer: Callable[[dict], None] = lambda event: None
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                event = json.loads(body)
                endpoint.asked.append((event, body, self.headers["Stripe-Signature"]))
                endpoint.before_answer(event)
                time.sleep(endpoint.delay_s)
                try:
                    self.send_response(endpoint.status)
                    for name, value in endpoint.headers.items():
                        self.send_header(name, value)
                    self.end_headers()
                    if endpoint.drip_s:
                        for byte in endpoint.body:
                            self.wfile.write(bytes((byte,)))
                            self.wfile.flush()
                            time.sleep(endpoint.drip_s)
                    else:
                        self.wfile.write(endpoint.body)
                except OSError:
                    return  # nobody waited

            def log_message(self, *args):
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/decide"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    made = Endpoint()
    yield made
    made.close()


@pytest.fixture
def card(bench: Bench, endpoint: Endpoint) -> str:
    bench.configure_issuing(real_time_url=endpoint.url)
    bench.fund_issuing(100_000)
    return bench.issue_card(type="virtual", status="active").id


def authorized(bench: Bench, card: str, amount: int = 1_000, **params):
    helpers = bench.client().v1.test_helpers.issuing.authorizations
    return helpers.create({"card": card, "amount": amount, **params})


def last(authorization):
    entry = authorization.request_history[-1]
    return authorization.approved, entry.reason, entry.reason_message


def test_it_is_asked_with_a_signed_event(bench, endpoint, card):
    made = authorized(bench, card)
    assert last(made)[:2] == (True, "webhook_approved")
    ((event, body, signature),) = endpoint.asked
    secret = bench.in_issuing("sk_test_counter", lambda room, scope: room.settings(scope).real_time_secret)
    stripe.Webhook.construct_event(body, signature, secret)
    shown = event["data"]["object"]
    assert (event["type"], shown["id"]) == ("issuing_authorization.request", made.id)
    assert (shown["amount"], shown["approved"], shown["status"]) == (0, False, "pending")
    assert shown["pending_request"]["amount"] == 1_000
    assert (shown["transactions"], shown["balance_transactions"]) == ([], [])
    assert "number" not in shown["card"]


def test_no(bench, endpoint, card):
    endpoint.body = b'{"approved": false}'
    made = authorized(bench, card)
    assert (last(made)[:2], made.status) == ((False, "webhook_declined"), "closed")


BAD_ANSWERS = {
    "wrong status": {"status": 201},
    "an error": {"status": 500},
    "a redirect": {"status": 302},
    "no version": {"headers": {}},
    "no JSON": {"body": b"yes"},
    "no object": {"body": b"[true]"},
    "no decision": {"body": b"{}"},
    "not true or false": {"body": b'{"approved": "true"}'},
    "an amount of nothing": {"body": b'{"approved": true, "amount": 0}'},
    "an amount that is none": {"body": b'{"approved": true, "amount": "500"}'},
    "metadata that is none": {"body": b'{"approved": true, "metadata": {"a": 1}}'},
    "challenges that are none": {"body": b'{"approved": false, "send_fraud_challenges": ["pigeon"]}'},
    "far too much": {"body": b'{"approved": true, "x": "' + b"y" * 100_000 + b'"}'},
}


@pytest.mark.parametrize("default", ["approve", "decline"])
@pytest.mark.parametrize("answer", BAD_ANSWERS.values(), ids=BAD_ANSWERS)
def test_answers_that_cannot_be_used(bench, endpoint, card, answer, default):
    bench.configure_issuing(real_time_default=default)
    for name, value in answer.items():
        setattr(endpoint, name, value)
    approved, reason, message = last(authorized(bench, card))
    assert (approved, reason) == (default == "approve", "webhook_error")
    assert message


def test_nobody_there(bench, endpoint, card):
    endpoint.close()
    assert last(authorized(bench, card))[:2] == (False, "webhook_error")


@pytest.mark.parametrize(("default", "how"), [("approve", "delay_s"), ("decline", "drip_s")])
def test_an_answer_that_comes_too_late(bench, endpoint, card, default, how):
    bench.configure_issuing(real_time_default=default)
    setattr(endpoint, how, 2.1 if how == "delay_s" else 0.2)
    began = time.monotonic()
    assert last(authorized(bench, card))[:2] == (default == "approve", "webhook_timeout")
    assert time.monotonic() - began < 4


@pytest.mark.parametrize(("controllable", "amount"), [(True, 400), (False, 1_000)])
def test_an_amount_of_its_own(bench, endpoint, card, controllable, amount):
    endpoint.body = b'{"approved": true, "amount": 400}'
    made = authorized(bench, card, is_amount_controllable=controllable)
    assert (made.approved, made.amount) == (True, amount)


def test_the_cashback_has_to_be_covered(bench, endpoint, card):
    endpoint.body = b'{"approved": true, "amount": 400}'
    made = authorized(bench, card, is_amount_controllable=True, amount_details={"cashback_amount": 500})
    assert last(made)[:2] == (False, "webhook_error")


def test_metadata_goes_on_the_authorization(bench, endpoint, card):
    endpoint.body = b'{"approved": true, "metadata": {"order": "42"}}'
    assert authorized(bench, card).metadata.to_dict() == {"order": "42"}


def test_the_cardholder_is_asked_by_text_message(bench, endpoint, card):
    endpoint.body = b'{"approved": false, "send_fraud_challenges": ["sms"]}'
    made = authorized(bench, card, expand=["fraud_challenges"])
    assert (last(made)[1], [one.status for one in made.fraud_challenges]) == ("webhook_declined", ["pending"])
    helpers = bench.client().v1.test_helpers.issuing.authorizations
    answered = helpers.respond(made.id, {"confirmed": True, "expand": ["fraud_challenges"]})
    assert answered.fraud_challenges[0].status == "verified"


def test_what_was_declined_before_is_not_asked_about(bench, endpoint, card):
    made = authorized(bench, card, amount=60_000)
    assert last(made)[:2] == (False, "spending_controls")
    assert endpoint.asked == []


def test_ordinary_endpoints_have_to_name_the_event(bench, endpoint, card):
    every, named = bench.inbox("*"), bench.inbox("issuing_authorization.request")
    authorized(bench, card)
    assert "issuing_authorization.request" not in every.types
    assert named.types == ["issuing_authorization.request"]


def test_an_increment_is_asked_about_with_what_it_adds(bench, endpoint, card):
    made = authorized(bench, card)
    bench.client().v1.test_helpers.issuing.authorizations.increment(made.id, {"increment_amount": 300})
    shown = endpoint.asked[1][0]["data"]["object"]
    assert (shown["amount"], shown["pending_request"]["amount"]) == (1_000, 300)


@pytest.mark.parametrize(("how", "approved"), [("approve", True), ("decline", False)])
def test_the_older_calls_win_inside_the_window(bench, endpoint, card, how, approved):
    endpoint.body = b'{"approved": %s}' % (b"false" if approved else b"true")

    def call_back(event):
        getattr(bench.client().v1.issuing.authorizations, how)(event["data"]["object"]["id"])

    endpoint.before_answer = call_back
    assert authorized(bench, card).approved is approved


@pytest.mark.parametrize("how", ["approve", "decline"])
def test_afterwards_the_older_calls_are_too_late(bench, endpoint, card, how):
    made = authorized(bench, card)
    with pytest.raises(stripe.InvalidRequestError):
        getattr(bench.client().v1.issuing.authorizations, how)(made.id)


class TestBehindAServer:
    """The server goes on answering while it waits; the endpoint may call back in."""

    @pytest.fixture
    def server(self, endpoint) -> Iterator[LiveServer]:
        with Bench(clock=Clock.real(), accounts={"sk_test_counter": "GB"}) as bench, LiveServer(bench) as server:
            bench.configure_issuing(real_time_url=endpoint.url)
            bench.fund_issuing(100_000)
            self.bench = bench
            yield server

    def client(self, server):
        return stripe.StripeClient("sk_test_counter", base_addresses={"api": server.url}, max_network_retries=0)

    def test_the_endpoint_calls_back(self, server, endpoint):
        client = self.client(server)
        seen = []

        def call_back(event):
            seen.append(client.v1.issuing.authorizations.retrieve(event["data"]["object"]["id"]).status)

        endpoint.before_answer = call_back
        card = self.bench.issue_card(type="virtual", status="active")
        made = client.v1.test_helpers.issuing.authorizations.create({"card": card.id, "amount": 500})
        assert (made.approved, made.request_history[0].reason, seen) == (True, "webhook_approved", ["pending"])

    def test_others_are_answered_meanwhile(self, server, endpoint):
        client = self.client(server)
        card = self.bench.issue_card(type="virtual", status="active")
        entered, leave = threading.Event(), threading.Event()

        def hold(event):
            entered.set()
            assert leave.wait(5)

        endpoint.before_answer = hold
        results = []
        asking = threading.Thread(
            target=lambda: results.append(
                client.v1.test_helpers.issuing.authorizations.create({"card": card.id, "amount": 500})
            )
        )
        asking.start()
        assert entered.wait(5)
        assert client.v1.customers.list().data == []
        leave.set()
        asking.join(5)
        assert results[0].approved

    def test_a_tap_waits_for_the_endpoint(self, server, endpoint):
        card = self.bench.issue_card()
        card.parcel.deliver()
        card.activate()
        reader = self.bench.reader()
        client = self.client(server)
        intent = client.v1.payment_intents.create(
            {"amount": 900, "currency": "gbp", "payment_method_types": ["card_present"]}
        )
        client.v1.terminal.readers.process_payment_intent(reader.id, {"payment_intent": intent.id})
        reader.tap(card)
        deadline = time.monotonic() + 15
        while client.v1.payment_intents.retrieve(intent.id).status != "succeeded":
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert len(endpoint.asked) == 1
        assert client.v1.issuing.transactions.list().data[0].amount == -900


def test_functions_decide_in_virtual_time(bench):
    bench.fund_issuing(100_000)
    card = bench.issue_card(type="virtual", status="active").id
    answers = [True, False, None, {"approved": True, "metadata": {"a": "b"}}, "nonsense", 1 / 3]
    reasons = []
    for answer in answers:
        with bench.authorizations(lambda event, answer=answer: answer):
            reasons.append(last(authorized(bench, card))[1])
    assert reasons == ["webhook_approved", "webhook_declined", "webhook_timeout", "webhook_approved",
                       "webhook_error", "webhook_error"]  # fmt: skip

    def breaks(event):
        raise RuntimeError("my own mistake")

    with bench.authorizations(breaks):
        assert "my own mistake" in last(authorized(bench, card))[2]
    assert last(authorized(bench, card))[1] == "card_active"
