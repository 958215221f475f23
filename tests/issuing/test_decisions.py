"""The order of decisions: what declines, why, and that nobody is asked then (issuing.md §6.5)."""

from dataclasses import replace

import pytest

from countertop.services.issuing import deciding, tokens
from countertop.services.issuing.asked import asked_from
from countertop.services.issuing.fraud_challenges import SETTING

MISMATCH = "mismatch"


def test_a_decline_is_an_answer_and_no_error(desk):
    card = desk.card(status="inactive")
    made = desk.ask(card, 500)
    assert (made["approved"], made["status"], made["amount"]) == (False, "closed", 500)
    assert made["balance_transactions"] == []
    (entry,) = made["request_history"]
    assert (entry["approved"], entry["reason"], entry["authorization_code"]) == (False, "card_inactive", None)
    assert desk.heard("issuing_authorization") == ["issuing_authorization.created"]
    assert desk.balance() == 100_000_00


def test_an_account_that_may_not_issue(desk):
    desk.settings(enabled=False)
    assert desk.reason(desk.card(), 500) == "account_disabled"


def test_states_of_a_card(desk):
    card = desk.card()
    desk.post(f"/v1/issuing/cards/{card}", status="inactive")
    assert desk.reason(card, 500) == "card_inactive"
    desk.post(f"/v1/issuing/cards/{card}", status="canceled")
    assert desk.reason(card, 500) == "card_canceled"


def test_a_card_works_until_its_month_is_over(desk):
    card = desk.card(exp_month=2, exp_year=2026)
    desk.bench.advance(hours=24 * 59, seconds=-1)  # from 1 January: February has 28 days
    assert desk.reason(card, 500) == "card_active"
    desk.bench.advance(seconds=1)
    assert desk.reason(card, 500) == "card_expired"


def test_states_of_a_cardholder(desk):
    holder = desk.holder()
    card = desk.card(holder=holder)
    desk.post(f"/v1/issuing/cardholders/{holder}", status="inactive")
    assert desk.reason(card, 500) == "cardholder_inactive"
    for changes, reason in (
        ({"status": "blocked"}, "cardholder_blocked"),
        (
            {"status": "active", "requirements": {"disabled_reason": "listed", "past_due": []}},
            "cardholder_verification_required",
        ),
    ):
        with desk.scope() as scope:
            scope.save(scope.get("issuing.cardholder", holder) | changes)
        assert desk.reason(card, 500) == reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"cvc_check": MISMATCH}, "verification_failed"),
        ({"expiry_check": MISMATCH}, "verification_failed"),
        ({"three_d_secure": {"result": "failed"}}, "verification_failed"),
        ({"three_d_secure": {"result": "required"}}, "card_active"),
        ({"address_line1_check": MISMATCH, "address_postal_code_check": MISMATCH}, "card_active"),
        ({"cvc_check": "not_provided", "expiry_check": "not_provided"}, "card_active"),
    ],
)
def test_verification(desk, data, reason):
    assert desk.reason(desk.card(), 500, verification_data=data) == reason


@pytest.mark.parametrize(
    "refusal", ["insecure_authorization_method", "not_allowed", "pin_blocked", "verification_failed"]
)
def test_what_the_checks_at_a_reader_found(desk, refusal):
    card = desk.card()
    with desk.scope() as scope:
        asked = asked_from(desk.room, scope, scope.get("issuing.card", card), {"amount": 500})
        begun = deciding.begin(desk.room, scope, replace(asked, refusal=refusal))
    assert begun.authorization["request_history"][0]["reason"] == refusal


def test_a_token_that_is_not_active_is_not_allowed(desk):
    card = desk.card()
    with desk.scope() as scope:
        token = tokens.provision(desk.room, scope, card, "apple_pay")
    desk.post(f"/v1/issuing/tokens/{token['id']}", status="suspended")
    with desk.scope() as scope:
        asked = asked_from(desk.room, scope, scope.get("issuing.card", card), {"amount": 500})
        begun = deciding.begin(desk.room, scope, replace(asked, token=token["id"], wallet="apple_pay"))
    assert begun.authorization["request_history"][0]["reason"] == "not_allowed"


def test_the_balance_covers_exactly_itself(bench, open_desk):
    desk = open_desk("US", funds=500)
    card = desk.card()
    assert desk.reason(card, 501) == "insufficient_funds"
    assert desk.reason(card, 500) == "card_active"
    assert desk.reason(card, 1) == "insufficient_funds"
    assert desk.reason(card, 0) == "card_active"


def test_the_first_reason_in_order_is_the_reason(desk):
    """Everything is wrong at once; what is put right step by step lets the next reason through."""
    desk.settings(enabled=False)
    holder = desk.holder()
    card = desk.card(
        holder=holder,
        status="inactive",
        metadata={SETTING: "true"},
        spending_controls={"blocked_categories": ["bakeries"]},
    )
    desk.post(f"/v1/issuing/cardholders/{holder}", status="inactive")
    wrong = {"merchant_data": {"category": "bakeries"}, "verification_data": {"cvc_check": MISMATCH}}
    path = f"/v1/issuing/cards/{card}"
    assert desk.reason(card, 100_001_00, **wrong) == "account_disabled"
    desk.settings(enabled=True)
    assert desk.reason(card, 100_001_00, **wrong) == "card_inactive"
    desk.post(path, status="active")
    assert desk.reason(card, 100_001_00, **wrong) == "cardholder_inactive"
    desk.post(f"/v1/issuing/cardholders/{holder}", status="active")
    assert desk.reason(card, 100_001_00, **wrong) == "verification_failed"
    del wrong["verification_data"]
    assert desk.reason(card, 100_001_00, **wrong) == "suspected_fraud"
    desk.post(path, metadata={SETTING: ""})
    assert desk.reason(card, 100_001_00, **wrong) == "spending_controls"


# --- fraud challenges -----------------------------------------------------------------------------------------------


@pytest.fixture
def suspected(desk):
    return desk.card(metadata={SETTING: "true"})


def challenges(desk, made):
    path = f"/v1/issuing/authorizations/{made['id']}"
    return desk.get(path, **{"expand[]": "fraud_challenges"})["fraud_challenges"]


def test_a_challenge_that_is_confirmed_lets_the_retry_pass(desk, suspected):
    shop = {"merchant_data": {"network_id": "42"}}
    made = desk.ask(suspected, 500, **shop)
    assert made["request_history"][0]["reason"] == "suspected_fraud"
    assert challenges(desk, made) == [{"channel": "sms", "status": "pending", "undeliverable_reason": None}]
    desk.then(made, "fraud_challenges/respond", confirmed=True)
    assert challenges(desk, made)[0]["status"] == "verified"
    retry = desk.ask(suspected, 500, **shop)
    assert (retry["approved"], retry["verified_by_fraud_challenge"]) == (True, True)
    assert desk.reason(suspected, 500, merchant_data={"network_id": "43"}) == "suspected_fraud"


def test_a_challenge_that_is_rejected(desk, suspected):
    made = desk.ask(suspected, 500)
    desk.then(made, "fraud_challenges/respond", confirmed=False)
    assert challenges(desk, made)[0]["status"] == "rejected"
    assert desk.reason(suspected, 500) == "suspected_fraud"
    assert "no fraud challenge" in desk.not_then(made, "fraud_challenges/respond", confirmed=True)["message"]


def test_a_challenge_that_nobody_answers_expires(desk, suspected):
    made = desk.ask(suspected, 500)
    desk.bench.advance(minutes=15)
    assert challenges(desk, made)[0]["status"] == "expired"
    desk.not_then(made, "fraud_challenges/respond", confirmed=True)


def test_a_challenge_needs_a_telephone(desk):
    holder = desk.holder(phone_number=None)
    made = desk.ask(desk.card(holder=holder, metadata={SETTING: "true"}), 500)
    (challenge,) = challenges(desk, made)
    assert (challenge["status"], challenge["undeliverable_reason"]) == ("undeliverable", "no_phone_number")


def test_nobody_can_answer_what_was_not_asked(desk):
    made = desk.ask(desk.card(), 500)
    assert challenges(desk, made) is None
    desk.not_then(made, "fraud_challenges/respond", confirmed=True)
