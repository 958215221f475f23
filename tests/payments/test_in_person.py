"""Payments of cards that are present: tips, collected cards, saved cards, receipts, soft declines (§2.6, §2.8, §5.5)."""

from __future__ import annotations

import pytest

from countertop.services.payments import tips
from countertop.services.payments.payment_methods import read_method
from countertop.services.terminal.collected import give_back

PRESENT = ["card_present"]
INTENTS = "/v1/payment_intents"


def present(till, **params):
    return till.intent(payment_method_types=PRESENT, **params)


def read(charge):
    return charge["payment_method_details"]["card_present"]


# --- tips ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tip", [0, 200])
def test_a_tip_is_part_of_the_amount_once_confirmed(till, counter, tip):
    after, _ = counter().pay(present(till), "visa", tip=tip)
    intent = till.get(f"{INTENTS}/{after['id']}")
    assert (intent["amount"], intent["amount_received"]) == (1250 + tip, 1250 + tip)
    assert intent["amount_details"]["tip"] == {"amount": tip}
    charge = till.charge(intent)
    assert (charge["amount"], charge["amount_captured"], read(charge)["amount_authorized"]) == (1250 + tip,) * 3


def test_nobody_asked_for_a_tip(till, counter):
    after, _ = counter().pay(present(till), "visa")
    assert (after["amount"], after["amount_details"]["tip"]) == (1250, {})


def test_the_issuer_sees_the_total_and_a_decline_takes_the_tip_back(till, counter):
    shop = counter()
    after, charge = shop.pay(present(till, amount=1000), "visa", tip=105)
    assert charge["amount"] == 1105
    assert (after["status"], after["amount"], after["amount_details"]) == ("requires_payment_method", 1000, {"tip": {}})
    assert after["last_payment_error"]["decline_code"] == "generic_decline"
    again, _ = shop.pay(after, "visa", tip=100)
    assert (again["status"], again["amount"]) == ("succeeded", 1100)


def test_a_tip_beyond_the_largest_amount_is_declined(till, counter):
    after, charge = counter().pay(present(till, amount=99_999_999), "visa", tip=1)
    assert (after["amount"], charge["failure_code"]) == (99_999_999, "amount_too_large")


def test_a_held_tip_is_captured_with_the_rest(till, counter):
    after, _ = counter().pay(present(till, capture_method="manual"), "visa", tip=250)
    assert after["amount_capturable"] == 1500
    assert till.post(f"{INTENTS}/{after['id']}/capture")["amount_received"] == 1500


# --- collected cards ----------------------------------------------------------------------------------------------


def collected(shop, till, tip=None):
    made = present(till)
    with shop.scope() as scope:
        card = shop.read(scope, "visa")
        method = read_method(shop.sales, scope, "card_present", card)
        return shop.sales.collect(scope, made, method, tip), card, method


def test_a_collected_card_waits_with_its_tip(till, counter):
    shop = counter()
    intent, card, method = collected(shop, till, tip=150)
    assert (intent["status"], intent["payment_method"], intent["amount"]) == (
        "requires_confirmation", method["id"], 1250,
    )  # fmt: skip
    with shop.scope() as scope:
        done = shop.sales.authorize(scope, intent, card, method, shop.place)
    assert (done.intent["status"], done.intent["amount"]) == ("succeeded", 1400)


def test_a_collected_card_is_forgotten_with_its_tip(till, counter):
    shop = counter()
    intent, _, _ = collected(shop, till, tip=150)
    with shop.scope() as scope:
        give_back(scope.tx, scope.account.id, intent["id"], intent["payment_method"])
    left = till.get(f"{INTENTS}/{intent['id']}")
    assert (left["status"], left["payment_method"]) == ("requires_payment_method", None)
    after, _ = shop.pay(left, "visa")
    assert after["amount"] == 1250


def test_a_canceled_intent_keeps_no_tip(till, counter):
    shop = counter()
    intent, _, _ = collected(shop, till, tip=150)
    assert till.post(f"{INTENTS}/{intent['id']}/cancel")["status"] == "canceled"
    with shop.scope() as scope:
        assert tips.take(scope, intent) is None


# --- cards saved by a payment -------------------------------------------------------------------------------------


def test_a_payment_can_leave_a_card_for_the_customer(till, counter, bench):
    customer = till.post("/v1/customers")["id"]
    intent = present(till, customer=customer, setup_future_usage="off_session")
    inbox = bench.inbox("payment_method.attached")
    after, _ = counter().pay(intent, "visa", allow_redisplay="limited")
    generated = till.get(f"/v1/payment_methods/{read(till.charge(after))['generated_card']}")
    assert (generated["customer"], generated["allow_redisplay"]) == (customer, "limited")
    assert generated["card"]["generated_from"]["charge"] == after["latest_charge"]
    assert len(inbox.types) == 1
    assert till.listed("/v1/payment_methods", customer=customer) == [generated["id"]]


@pytest.mark.parametrize(
    ("country", "card", "saved"),
    [("AU", "eftpos_au_debit", False), ("DE", "girocard_debit", False), ("AU", "eftpos_au_visa_debit", True)],
)
def test_a_domestic_card_alone_cannot_be_saved(till, counter, country, card, saved):
    shop = counter(country)
    intent = present(till, currency=shop.account.default_currency, setup_future_usage="off_session")
    after, _ = shop.pay(intent, card, allow_redisplay="always")
    assert after["status"] == "succeeded"
    assert (read(till.charge(after))["generated_card"] is not None) is saved


def test_without_a_customer_the_card_is_attached_to_nobody(till, counter, bench):
    inbox = bench.inbox("payment_method.attached")
    after, _ = counter().pay(present(till, setup_future_usage="off_session"), "visa", allow_redisplay="always")
    generated = till.get(f"/v1/payment_methods/{read(till.charge(after))['generated_card']}")
    assert (generated["customer"], inbox.types) == (None, [])


def test_a_typed_card_is_saved_by_its_payment(till):
    customer = till.post("/v1/customers")["id"]
    paid = till.paid(customer=customer, setup_future_usage="off_session")
    assert till.listed("/v1/payment_methods", customer=customer) == [paid["payment_method"]]
    till.paid(customer=customer)
    assert len(till.listed("/v1/payment_methods", customer=customer)) == 1


def test_a_decline_leaves_no_card(till, counter):
    _, charge = counter().pay(present(till, setup_future_usage="off_session"), "charge_declined")
    assert read(charge)["generated_card"] is None
    assert till.listed("/v1/payment_methods", type="card") == []


# --- receipts and soft declines -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("card", "account_type"), [("visa", "credit"), ("visa_debit", "checking"), ("mastercard_prepaid", "prepaid")]
)
def test_receipts(till, counter, card, account_type):
    after, _ = counter().pay(present(till), card)
    receipt = read(till.charge(after))["receipt"]
    assert (receipt["account_type"], receipt["cardholder_verification_method"]) == (account_type, "none")
    assert len(receipt["authorization_code"]) == 6
    assert receipt["application_cryptogram"] is None


def test_a_swipe_has_no_receipt(till, counter):
    after, _ = counter().pay(present(till), "visa", read="magnetic_stripe_track2")
    assert read(till.charge(after))["receipt"] is None


@pytest.mark.parametrize(
    ("card", "code", "second"),
    [
        ("offline_pin_sca_retry", "offline_pin_required", {"read": "contact_emv", "cvm": "offline_pin"}),
        ("online_pin_sca_retry", "online_or_offline_pin_required", {"read": "contactless_emv", "cvm": "online_pin"}),
    ],
)
def test_a_soft_decline_makes_two_charges_of_one_intent(till, counter, card, code, second):
    shop = counter("DE")
    failed, charge = shop.pay(present(till, currency="eur"), card)
    assert (charge["failure_code"], read(charge)["read_method"]) == (code, "contactless_emv")
    paid, charge = shop.pay(failed, card, **second)
    assert paid["status"] == "succeeded"
    assert read(charge)["receipt"]["cardholder_verification_method"] == second["cvm"]
    assert len(till.listed("/v1/charges", payment_intent=paid["id"])) == 2


@pytest.mark.parametrize(("country", "approved"), [("US", False), ("GB", True), ("AU", True)])
def test_an_amount_that_asks_for_a_pin_where_there_are_none(till, counter, country, approved):
    shop = counter(country)
    intent = present(till, amount=1003, currency=shop.account.default_currency)
    failed, charge = shop.pay(intent, "visa")
    assert charge["failure_code"] == "online_or_offline_pin_required"
    again, _ = shop.pay(failed, "visa", read="contact_emv", cvm="offline_pin")
    assert (again["status"] == "succeeded") is approved
