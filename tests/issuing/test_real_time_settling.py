"""What comes of asking somebody about an authorization: verdicts, defaults, calls that came first, lost questions."""

import pytest

from countertop.services.issuing import authorizations, deciding
from countertop.services.issuing.asked import asked_from
from countertop.services.issuing.real_time import TIMEOUT, Verdict

APPROVED, DECLINED = Verdict("approved"), Verdict("declined")
ERROR = Verdict("error", why="It made no sense.")


class Asked:
    """An authorization that somebody is asked about: begun, and not settled yet."""

    def __init__(self, desk, card, amount, **params):
        self.desk, self.room = desk, desk.room
        self.room.real_time.decide_by(desk.account.id, lambda event: None)
        with desk.scope() as scope:
            row = scope.get("issuing.card", card)
            self.begun = deciding.begin(
                self.room, scope, asked_from(self.room, scope, row, {"amount": amount} | params)
            )

    @property
    def id(self):
        return self.begun.authorization["id"]

    def settle(self, verdict):
        with self.desk.scope() as scope:
            deciding.settle(self.room, scope, self.id, verdict)
        return self.now()

    def increment(self, amount, **params):
        with self.desk.scope() as scope:
            row = scope.get(authorizations.KIND, self.id)
            self.begun = deciding.begin_increment(self.room, scope, row, amount, **params)

    def now(self):
        return self.desk.get(f"/v1/issuing/authorizations/{self.id}")


def test_what_is_asked_about(desk):
    asked = Asked(desk, desk.card(), 500, is_amount_controllable=True)
    assert asked.begun.question is not None
    (event,) = desk.events("issuing_authorization")
    assert event["type"] == "issuing_authorization.request"
    shown = event["data"]["object"]
    assert (shown["amount"], shown["approved"], shown["status"]) == (0, False, "pending")
    assert (shown["transactions"], shown["balance_transactions"], shown["request_history"]) == ([], [], [])
    assert shown["card"]["cardholder"]["object"] == "issuing.cardholder"
    assert shown["pending_request"] == {
        "amount": 500,
        "amount_details": {"atm_fee": None, "cashback_amount": 0},
        "currency": "usd",
        "is_amount_controllable": True,
        "merchant_amount": 500,
        "merchant_currency": "usd",
        "network_risk_score": 10,
    }
    assert desk.balance() == 100_000_00


@pytest.mark.parametrize(
    ("verdict", "default", "approved", "reason", "why"),
    [
        (APPROVED, "decline", True, "webhook_approved", None),
        (DECLINED, "approve", False, "webhook_declined", None),
        (TIMEOUT, "decline", False, "webhook_timeout", TIMEOUT.why),
        (TIMEOUT, "approve", True, "webhook_timeout", TIMEOUT.why),
        (ERROR, "decline", False, "webhook_error", "It made no sense."),
        (ERROR, "approve", True, "webhook_error", "It made no sense."),
    ],
)
def test_verdicts(desk, verdict, default, approved, reason, why):
    desk.settings(real_time_default=default)
    made = Asked(desk, desk.card(), 500).settle(verdict)
    (entry,) = made["request_history"]
    assert (made["approved"], made["status"]) == (approved, "pending" if approved else "closed")
    assert (entry["approved"], entry["reason"], entry["reason_message"]) == (approved, reason, why)
    assert (made["amount"], made["pending_request"]) == (500, None)
    assert desk.balance() == 100_000_00 - (500 if approved else 0)
    assert desk.heard("issuing_authorization") == ["issuing_authorization.request", "issuing_authorization.created"]


def test_metadata_of_an_answer_is_kept(desk):
    made = Asked(desk, desk.card(), 500).settle(Verdict("declined", metadata={"why": "late"}))
    assert made["metadata"] == {"why": "late"}


@pytest.mark.parametrize(
    ("controllable", "answered", "amount"), [(True, 300, 300), (True, 900, 900), (True, None, 500), (False, 300, 500)]
)
def test_an_answer_may_name_an_amount_where_it_controls_it(desk, controllable, answered, amount):
    asked = Asked(desk, desk.card(), 500, is_amount_controllable=controllable)
    made = asked.settle(Verdict("approved", answered))
    assert (made["amount"], made["merchant_amount"]) == (amount, amount)
    assert desk.balance() == 100_000_00 - amount


def test_cashback_is_covered_whole_or_not_at_all(desk):
    params = {"is_amount_controllable": True, "amount_details": {"cashback_amount": 200}}
    made = Asked(desk, desk.card(), 500, **params).settle(Verdict("approved", 199))
    assert (made["approved"], made["request_history"][0]["reason"]) == (False, "webhook_error")
    assert "cashback" in made["request_history"][0]["reason_message"]
    assert Asked(desk, desk.card(), 500, **params).settle(Verdict("approved", 200))["approved"]


def test_the_balance_is_looked_at_again(desk):
    card = desk.limited((100_000_00, "daily"))
    first, second = Asked(desk, card, 9_000_00), [Asked(desk, card, 9_000_00) for _ in range(11)]
    for asked in second:
        assert asked.settle(APPROVED)["approved"]
    made = first.settle(APPROVED)
    assert (made["approved"], made["request_history"][0]["reason"]) == (False, "insufficient_funds")
    assert desk.balance() == 1_000_00


@pytest.mark.parametrize(("call", "approved"), [("approve", True), ("decline", False)])
def test_a_call_that_came_first_counts(desk, call, approved):
    asked = Asked(desk, desk.card(), 500)
    path = f"/v1/issuing/authorizations/{asked.id}"
    made = desk.post(f"{path}/{call}", metadata={"by": "call"})
    assert (made["approved"], made["request_history"][0]["reason"]) == (approved, f"webhook_{call}d")
    settled = asked.settle(DECLINED if approved else APPROVED)
    assert (settled["approved"], settled["metadata"]) == (approved, {"by": "call"})
    assert len(settled["request_history"]) == 1
    assert "decided" in desk.refused(f"{path}/{call}")["message"]


def test_a_call_may_name_an_amount(desk):
    asked = Asked(desk, desk.card(), 500, is_amount_controllable=True)
    assert desk.post(f"/v1/issuing/authorizations/{asked.id}/approve", amount=300)["amount"] == 300


def test_what_fails_a_check_is_never_asked_about(desk):
    asked = Asked(desk, desk.card(status="inactive"), 500)
    assert asked.begun.question is None
    assert desk.heard("issuing_authorization") == ["issuing_authorization.created"]


def test_an_increment_is_asked_about_too(desk):
    asked = Asked(desk, desk.card(), 500)
    asked.settle(APPROVED)
    asked.increment(200)
    event = desk.events("issuing_authorization.request")[-1]["data"]["object"]
    assert (event["amount"], event["approved"]) == (500, True)
    assert event["pending_request"]["amount"] == 200
    made = asked.settle(APPROVED)
    assert (made["amount"], made["request_history"][-1]["reason"]) == (700, "webhook_approved")
    asked.increment(300)
    made = asked.settle(DECLINED)
    assert (made["amount"], made["approved"], made["status"]) == (700, True, "pending")
    assert made["request_history"][-1]["reason"] == "webhook_declined"
    assert desk.balance() == 100_000_00 - 700


def test_an_increment_of_what_is_captured_meanwhile_comes_to_nothing(desk):
    asked = Asked(desk, desk.card(), 500)
    asked.settle(APPROVED)
    asked.increment(200)
    desk.then(asked.now(), "capture")
    made = asked.settle(APPROVED)
    assert (made["status"], made["amount"], len(made["request_history"])) == ("closed", 500, 1)
    assert desk.balance() == 100_000_00 - 500


@pytest.mark.parametrize(("default", "status"), [("approve", "expired"), ("decline", "closed")])
def test_a_question_that_was_lost_is_settled_when_the_authorization_lapses(desk, default, status):
    desk.settings(real_time_default=default)
    asked = Asked(desk, desk.card(), 500)
    desk.bench.advance(hours=7 * 24)
    made = asked.now()
    assert (made["status"], made["pending_request"]) == (status, None)
    assert made["request_history"][0]["reason"] == "webhook_timeout"
    assert desk.balance() == 100_000_00


def test_an_address_where_nobody_answers(desk):
    desk.settings(real_time_url="http://127.0.0.1:9/decide", real_time_default="decline")
    made = desk.ask(desk.card(), 500)
    (entry,) = made["request_history"]
    assert (made["approved"], made["status"], entry["reason"]) == (False, "closed", "webhook_error")
    assert "could not be asked" in entry["reason_message"]
    assert desk.heard("issuing_authorization") == ["issuing_authorization.request", "issuing_authorization.created"]
