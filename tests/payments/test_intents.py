"""The life of a PaymentIntent (terminal.md §2.6): confirm, capture, cancel, increments, expiry."""

from __future__ import annotations

import pytest

INTENTS = "/v1/payment_intents"


def test_a_new_intent(till):
    made = till.intent()
    assert (made["status"], made["amount"], made["amount_received"]) == ("requires_payment_method", 1250, 0)
    assert made["client_secret"].startswith(made["id"] + "_secret_")
    assert (made["latest_charge"], made["payment_method"], made["canceled_at"]) == (None, None, None)


def test_confirmation_in_two_steps(till):
    made = till.intent(payment_method_types=["card"])
    assert till.refused(f"{INTENTS}/{made['id']}/confirm") == (400, "payment_intent_unexpected_state")
    ready = till.post(f"{INTENTS}/{made['id']}", payment_method="pm_card_visa")
    assert (ready["status"], ready["payment_method"][:3]) == ("requires_confirmation", "pm_")
    paid = till.post(f"{INTENTS}/{made['id']}/confirm")
    assert (paid["status"], paid["amount_received"]) == ("succeeded", 1250)
    assert till.charge(paid)["captured"] is True


def test_a_payment_method_of_a_type_that_the_intent_does_not_take(till):
    made = till.intent(payment_method_types=["card_present"])
    refused = till.refused(f"{INTENTS}/{made['id']}/confirm", payment_method="pm_card_visa")
    assert refused == (400, "payment_intent_incompatible_payment_method")


def test_events_in_their_order(till, bench):
    inbox = bench.inbox()
    held = till.held()
    till.post(f"{INTENTS}/{held['id']}/capture")
    assert [kind for kind in inbox.types if kind.startswith(("payment_intent", "charge"))] == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.amount_capturable_updated",
        "charge.captured",
        "payment_intent.succeeded",
    ]


def test_a_confirmation_can_change_how_it_is_captured_and_used(till):
    customer = till.post("/v1/customers")["id"]
    made = till.intent(payment_method_types=["card"], customer=customer)
    held = till.post(
        f"{INTENTS}/{made['id']}/confirm",
        payment_method="pm_card_visa",
        capture_method="manual",
        setup_future_usage="off_session",
        receipt_email="jenny@example.com",
    )
    assert (held["status"], held["capture_method"], held["receipt_email"]) == (
        "requires_capture", "manual", "jenny@example.com",
    )  # fmt: skip
    assert till.listed("/v1/payment_methods", customer=customer) == [held["payment_method"]]


def test_capture_of_everything(till):
    held = till.held()
    assert (held["status"], held["amount_capturable"], held["amount_received"]) == ("requires_capture", 1250, 0)
    assert till.charge(held)["captured"] is False
    captured = till.post(f"{INTENTS}/{held['id']}/capture")
    assert (captured["status"], captured["amount_capturable"], captured["amount_received"]) == ("succeeded", 0, 1250)
    assert till.refused(f"{INTENTS}/{held['id']}/capture") == (400, "payment_intent_unexpected_state")


def test_capture_of_a_part_releases_the_rest(till):
    held = till.held()
    captured = till.post(f"{INTENTS}/{held['id']}/capture", amount_to_capture=1000)
    assert (captured["amount"], captured["amount_received"], captured["amount_capturable"]) == (1250, 1000, 0)
    charge = till.charge(captured)
    assert (charge["amount"], charge["amount_captured"], charge["amount_refunded"]) == (1250, 1000, 250)
    assert charge["refunded"] is False


@pytest.mark.parametrize(
    ("amount", "code"),
    [(1251, "amount_too_large"), (0, "parameter_invalid_integer"), (-1, "parameter_invalid_integer")],
)
def test_capture_of_too_much_or_nothing(till, amount, code):
    held = till.held()
    assert till.refused(f"{INTENTS}/{held['id']}/capture", amount_to_capture=amount) == (400, code)
    assert till.get(f"{INTENTS}/{held['id']}")["status"] == "requires_capture"


def test_capture_through_the_charge(till):
    held = till.held()
    charge = f"/v1/charges/{held['latest_charge']}"
    assert till.post(f"{charge}/capture", amount=1000)["amount_captured"] == 1000
    assert till.get(f"{INTENTS}/{held['id']}")["status"] == "succeeded"
    assert till.refused(f"{charge}/capture") == (400, "charge_already_captured")


def test_cancel_in_each_state(till):
    new = till.intent()
    ready = till.intent(payment_method="pm_card_visa", payment_method_types=["card"])
    held = till.held()
    for intent in (new, ready, held):
        canceled = till.post(f"{INTENTS}/{intent['id']}/cancel", cancellation_reason="requested_by_customer")
        assert (canceled["status"], canceled["cancellation_reason"]) == ("canceled", "requested_by_customer")
        assert canceled["canceled_at"] is not None
        assert canceled["amount_capturable"] == 0
    charge = till.charge(held)
    assert (charge["captured"], charge["refunded"], charge["amount_refunded"]) == (False, True, 1250)
    for intent in (till.paid(), held):
        assert till.refused(f"{INTENTS}/{intent['id']}/cancel") == (400, "payment_intent_unexpected_state")
    assert till.refused(f"{INTENTS}/{new['id']}/cancel", cancellation_reason="because")[0] == 400


@pytest.mark.parametrize("verb", ["confirm", "capture", "cancel"])
def test_nothing_moves_a_canceled_intent(till, verb):
    made = till.intent(payment_method="pm_card_visa", payment_method_types=["card"])
    till.post(f"{INTENTS}/{made['id']}/cancel")
    assert till.refused(f"{INTENTS}/{made['id']}/{verb}") == (400, "payment_intent_unexpected_state")
    assert till.refused(f"{INTENTS}/{made['id']}", amount=100) == (400, "payment_intent_unexpected_state")


def test_the_amount_of_a_paid_intent_is_fixed_but_its_notes_are_not(till):
    paid = till.paid()
    assert till.refused(f"{INTENTS}/{paid['id']}", amount=100)[0] == 400
    assert till.post(f"{INTENTS}/{paid['id']}", description="x", metadata={"a": "b"})["metadata"] == {"a": "b"}


def test_update_before_payment(till):
    made = till.intent()
    changed = till.post(f"{INTENTS}/{made['id']}", amount=999, currency="EUR")
    assert (changed["amount"], changed["currency"]) == (999, "eur")
    assert till.refused(f"{INTENTS}/{made['id']}", currency="xxx")[0] == 400


def test_a_typed_authorization_ends_after_seven_days(till, bench):
    held = till.held()
    bench.advance(hours=7 * 24 - 1)
    assert till.get(f"{INTENTS}/{held['id']}")["status"] == "requires_capture"
    bench.advance(hours=2)
    ended = till.get(f"{INTENTS}/{held['id']}")
    assert (ended["status"], ended["cancellation_reason"]) == ("canceled", "automatic")
    assert till.refused(f"/v1/charges/{held['latest_charge']}/capture") == (400, "charge_expired_for_capture")


def test_a_decline_and_another_try(till, api):
    made = till.intent(payment_method_types=["card"])
    refused = till.refused(f"{INTENTS}/{made['id']}/confirm", payment_method="pm_card_charge_declined")
    assert refused == (402, "card_declined")
    kept = till.get(f"{INTENTS}/{made['id']}")
    assert (kept["status"], kept["payment_method"]) == ("requires_payment_method", None)
    assert kept["last_payment_error"]["decline_code"] == "generic_decline"
    failed = till.charge(kept)
    assert (failed["status"], failed["paid"], failed["failure_code"]) == ("failed", False, "card_declined")
    paid = till.post(f"{INTENTS}/{made['id']}/confirm", payment_method="pm_card_visa")
    assert (paid["status"], paid["last_payment_error"]) == ("succeeded", None)
    assert len(till.listed("/v1/charges", payment_intent=made["id"])) == 2


@pytest.mark.parametrize(
    ("card", "code", "decline_code"),
    [
        ("insufficient_funds", "card_declined", "insufficient_funds"),
        ("lost_card", "card_declined", "lost_card"),
        ("stolen_card", "card_declined", "stolen_card"),
        ("expired_card", "expired_card", "expired_card"),
        ("processing_error", "processing_error", "processing_error"),
    ],
)
def test_documented_declines(api, card, code, decline_code):
    answer = api.post(
        INTENTS,
        f"amount=1250&currency=usd&confirm=true&payment_method=pm_card_charge_declined_{card}",
    )
    assert (answer.status, answer.error["code"], answer.error["decline_code"]) == (402, code, decline_code)


# --- increments (terminal.md §2.6) --------------------------------------------------------------------------------


@pytest.fixture
def hotel(till, bench):
    """An authorization at a reader that can be raised."""
    reader = bench.reader()
    intent = till.intent(
        payment_method_types=["card_present"],
        capture_method="manual",
        payment_method_options={"card_present": {"request_incremental_authorization_support": True}},
    )
    till.post(f"/v1/terminal/readers/{reader.id}/process_payment_intent", payment_intent=intent["id"])
    reader.tap("visa")
    return f"{INTENTS}/{intent['id']}"


def test_an_increment_raises_intent_and_charge(till, hotel):
    raised = till.post(f"{hotel}/increment_authorization", amount=2000)
    assert (raised["amount"], raised["amount_capturable"], raised["status"]) == (2000, 2000, "requires_capture")
    assert till.charge(raised)["amount"] == 2000
    assert till.post(f"{hotel}/capture")["amount_received"] == 2000


def test_an_increment_must_raise(till, hotel):
    assert till.refused(f"{hotel}/increment_authorization", amount=1250)[0] == 400
    assert till.refused(f"{hotel}/increment_authorization", amount=100)[0] == 400


def test_a_declined_increment_leaves_the_authorization(till, hotel):
    assert till.refused(f"{hotel}/increment_authorization", amount=2005) == (402, "card_declined")
    kept = till.get(hotel)
    assert (kept["amount"], kept["status"]) == (1250, "requires_capture")


def test_ten_increments_declined_ones_included(till, hotel):
    assert till.refused(f"{hotel}/increment_authorization", amount=2005)[0] == 402
    for number in range(9):
        till.post(f"{hotel}/increment_authorization", amount=2000 + 100 * number)
    assert till.refused(f"{hotel}/increment_authorization", amount=9000)[0] == 400


def test_an_increment_needs_an_authorization_that_supports_it(till):
    held, new = till.held(), till.intent()
    assert till.refused(f"{INTENTS}/{held['id']}/increment_authorization", amount=2000)[0] == 400
    refused = till.refused(f"{INTENTS}/{new['id']}/increment_authorization", amount=2000)
    assert refused == (400, "payment_intent_unexpected_state")
