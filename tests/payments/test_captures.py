"""What the schemes allow after an authorization at a reader: tips on receipts, increments, long windows (§2.6)."""

from __future__ import annotations

import pytest

from countertop.services.payments.scheme_rules import capture_window_s

INTENTS = "/v1/payment_intents"
RESTAURANT, HOTEL, SHOP, RENTAL, CRUISE = "5812", "7011", "5734", "7394", "4411"
DAY, HOUR = 86_400, 3_600


def held(till, shop, name="visa", amount=4000, **card_present):
    """A held authorization: (path of the intent, the details of its charge)."""
    intent = till.intent(
        amount=amount,
        currency=shop.account.default_currency,
        payment_method_types=["card_present"],
        capture_method="manual",
        **({"payment_method_options": {"card_present": card_present}} if card_present else {}),
    )
    after, _ = shop.pay(intent, name)
    assert after["status"] == "requires_capture"
    return f"{INTENTS}/{after['id']}", till.charge(after)["payment_method_details"]["card_present"]


# --- tips on the receipt ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("authorized", "most"), [(4000, 9000), (10_000, 15_000), (20_000, 30_000)])
def test_a_restaurant_captures_a_tip_on_the_receipt(till, counter, authorized, most):
    one, details = held(till, counter(mcc=RESTAURANT), amount=authorized)
    assert details["overcapture_supported"] is True
    assert till.refused(f"{one}/capture", amount_to_capture=most + 1) == (400, "amount_too_large")
    captured = till.post(f"{one}/capture", amount_to_capture=most)
    assert (captured["status"], captured["amount_received"]) == ("succeeded", most)
    charge = till.charge(captured)
    assert (charge["amount"], charge["amount_captured"], charge["amount_refunded"]) == (most, most, 0)
    assert charge["payment_method_details"]["card_present"]["amount_authorized"] == authorized


@pytest.mark.parametrize(
    ("country", "mcc", "card", "supported"),
    [("US", RESTAURANT, "amex", True), ("US", RESTAURANT, "discover", True), ("US", RESTAURANT, "jcb", False),
     ("US", SHOP, "visa", False), ("CA", RESTAURANT, "visa", False)],
)  # fmt: skip
def test_who_may_capture_more(till, counter, country, mcc, card, supported):
    one, details = held(till, counter(country, mcc=mcc), card)
    assert details["overcapture_supported"] is supported
    if not supported:
        assert till.refused(f"{one}/capture", amount_to_capture=4001) == (400, "amount_too_large")


def test_what_was_taken_at_once_cannot_be_overcaptured(till, counter):
    _, charge = counter(mcc=RESTAURANT).pay(till.intent(payment_method_types=["card_present"]), "visa")
    assert charge["payment_method_details"]["card_present"]["overcapture_supported"] is False


# --- increments ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("country", "mcc", "card", "supported"),
    [("US", SHOP, "visa", True), ("US", SHOP, "mastercard", True), ("US", SHOP, "amex", True),
     ("US", SHOP, "discover", False), ("US", HOTEL, "discover", True), ("US", SHOP, "jcb", False)],
)  # fmt: skip
def test_whose_authorizations_can_be_raised(till, counter, country, mcc, card, supported):
    _, details = held(till, counter(country, mcc=mcc), card, request_incremental_authorization_support=True)
    assert details["incremental_authorization_supported"] is supported


def test_nobody_asked_for_increments(till, counter):
    one, details = held(till, counter())
    assert details["incremental_authorization_supported"] is False
    assert till.refused(f"{one}/increment_authorization", amount=5000)[0] == 400


def test_capturing_more_raises_the_authorization_first(till, counter, bench):
    one, _ = held(till, counter(), request_incremental_authorization_support=True)
    inbox = bench.inbox()
    captured = till.post(f"{one}/capture", amount_to_capture=5000)
    assert (captured["amount"], captured["amount_received"]) == (5000, 5000)
    charge = till.charge(captured)
    assert charge["payment_method_details"]["card_present"]["amount_authorized"] == 5000
    assert "payment_intent.amount_capturable_updated" in inbox.types
    assert inbox.types[-1] == "payment_intent.succeeded"


def test_a_decline_while_capturing_more_leaves_the_authorization(till, counter):
    one, _ = held(till, counter(), request_incremental_authorization_support=True)
    assert till.refused(f"{one}/capture", amount_to_capture=5005) == (402, "card_declined")
    kept = till.get(one)
    assert (kept["status"], kept["amount"], kept["amount_capturable"]) == ("requires_capture", 4000, 4000)
    assert till.post(f"{one}/capture")["amount_received"] == 4000


def test_a_declined_increment_drops_the_other_changes(till, counter):
    one, _ = held(till, counter(), request_incremental_authorization_support=True)
    refused = till.refused(f"{one}/increment_authorization", amount=5005, description="new", metadata={"a": "b"})
    assert refused == (402, "card_declined")
    kept = till.get(one)
    assert (kept["description"], kept["metadata"]) == (None, {})
    raised = till.post(f"{one}/increment_authorization", amount=5000, description="new", metadata={"a": "b"})
    assert (raised["description"], raised["metadata"], raised["amount"]) == ("new", {"a": "b"}, 5000)


@pytest.mark.parametrize("amount", [2**63, -(2**63), 100_000_000, 0, "x", ""])
def test_hostile_amounts(till, counter, amount):
    one, _ = held(till, counter(), request_incremental_authorization_support=True)
    for path in (f"{one}/increment_authorization",):
        assert till.refused(path, amount=amount)[0] == 400
    assert till.refused(f"{one}/capture", amount_to_capture=amount)[0] == 400
    assert till.refused(INTENTS, amount=amount, currency="usd")[0] == 400
    assert till.get(one)["amount_capturable"] == 4000


# --- windows ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("brand", "mcc", "extended", "seconds"),
    [
        ("visa", SHOP, False, 5 * DAY),
        ("mastercard", SHOP, False, 2 * DAY),
        ("visa", SHOP, True, 5 * DAY),
        ("visa", HOTEL, True, 29 * DAY + 18 * HOUR),
        ("visa", "3501", True, 29 * DAY + 18 * HOUR),
        ("visa", CRUISE, True, 29 * DAY + 18 * HOUR),
        ("visa", RENTAL, True, 9 * DAY + 18 * HOUR),
        ("mastercard", SHOP, True, 30 * DAY),
        ("amex", HOTEL, True, 30 * DAY),
        ("amex", SHOP, True, 2 * DAY),
        ("discover", HOTEL, True, 30 * DAY),
        ("discover", SHOP, True, 2 * DAY),
        ("jcb", HOTEL, True, 2 * DAY),
    ],
)
def test_windows(brand, mcc, extended, seconds):
    assert capture_window_s(brand, mcc, in_person=True, extended=extended) == seconds


def test_an_extended_authorization_lasts_a_month(till, counter, bench):
    one, details = held(till, counter(mcc=HOTEL), request_extended_authorization=True)
    made = till.get(one)["created"]
    assert details["capture_before"] == made + 29 * DAY + 18 * HOUR
    bench.advance(hours=29 * 24)
    assert till.get(one)["status"] == "requires_capture"
    bench.advance(hours=19)
    ended = till.get(one)
    assert (ended["status"], ended["cancellation_reason"]) == ("canceled", "automatic")
    charge = till.charge(ended)
    assert (charge["captured"], charge["refunded"], charge["amount_refunded"]) == (False, True, 4000)
    assert till.refused(f"{one}/capture") == (400, "payment_intent_unexpected_state")
