"""Every step on an intent in every state: done, or refused in a sentence; never a 500."""

from __future__ import annotations

import pytest

INTENTS = "/v1/payment_intents"
UNEXPECTED = "payment_intent_unexpected_state"
CONFIRM = "payment_method=pm_card_visa"
STEPS = {
    "update": "",
    "confirm": "/confirm",
    "capture": "/capture",
    "cancel": "/cancel",
    "increment_authorization": "/increment_authorization",
    "verify_microdeposits": "/verify_microdeposits",
    "apply_customer_balance": "/apply_customer_balance",
}
FORMS = {"update": "amount=2000", "confirm": CONFIRM, "increment_authorization": "amount=2000"}
STATES = ("new", "ready", "held", "paid", "declined", "canceled")
ALLOWED = {
    "new": {"update", "confirm", "cancel"},
    "ready": {"update", "confirm", "cancel"},
    "declined": {"update", "confirm", "cancel"},
    "held": {"capture", "cancel"},
    "paid": set(),
    "canceled": set(),
}


@pytest.fixture
def in_state(till):
    """Makes an intent in a state; returns its path."""

    def make(state):
        if state == "new":
            intent = till.intent(payment_method_types=["card"])
        elif state == "ready":
            intent = till.intent(payment_method_types=["card"], payment_method="pm_card_visa")
        elif state == "held":
            intent = till.held()
        elif state == "paid":
            intent = till.paid()
        elif state == "declined":
            intent = till.intent(payment_method_types=["card"])
            till.refused(f"{INTENTS}/{intent['id']}/confirm", payment_method="pm_card_chargeDeclined")
        else:
            intent = till.intent(payment_method_types=["card"])
            till.post(f"{INTENTS}/{intent['id']}/cancel")
        return f"{INTENTS}/{intent['id']}"

    return make


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("step", STEPS)
def test_every_step_in_every_state(till, in_state, step, state):
    one = in_state(state)
    before = till.get(one)
    answer = till.api.post(one + STEPS[step], FORMS.get(step, ""))
    if step in ALLOWED[state]:
        assert answer.status == 200, answer.body
        return
    assert answer.status == 400, answer.body
    assert answer.error["type"] == "invalid_request_error"
    if step in ("update", "confirm", "capture", "cancel"):
        assert answer.error["code"] == UNEXPECTED
        assert answer.error["payment_intent"]["id"] == before["id"]
    assert till.get(one) == before, "a refusal changes nothing"
