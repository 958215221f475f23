"""Ready-made payment methods by the names of the API's documentation, and customers that get one."""

from __future__ import annotations

import pytest
import stripe

NAMES = {
    "visa": None, "visa_debit": None, "mastercard": None, "mastercard_debit": None, "mastercard_prepaid": None,
    "amex": None, "discover": None, "diners": None, "jcb": None, "unionpay": None, "us": None,
    "chargeDeclined": "generic_decline",
    "visa_chargeDeclined": "generic_decline",
    "chargeCustomerFail": "generic_decline",
    "chargeDeclinedInsufficientFunds": "insufficient_funds",
    "visa_chargeDeclinedInsufficientFunds": "insufficient_funds",
    "visa_chargeDeclinedLostCard": "lost_card",
    "visa_chargeDeclinedStolenCard": "stolen_card",
    "chargeDeclinedExpiredCard": "expired_card",
    "chargeDeclinedProcessingError": "processing_error",
}  # fmt: skip


@pytest.fixture
def client(bench):
    return bench.client()


@pytest.mark.parametrize(("name", "decline_code"), NAMES.items())
def test_names(client, name, decline_code):
    order = {"amount": 1250, "currency": "usd", "confirm": True, "payment_method": f"pm_card_{name}"}
    if decline_code is None:
        assert client.v1.payment_intents.create(order).status == "succeeded"
        return
    with pytest.raises(stripe.CardError) as refused:
        client.v1.payment_intents.create(order)
    assert refused.value.error.decline_code == decline_code


@pytest.mark.parametrize("name", ["tok_visa", "tok_chargeDeclinedLostCard"])
def test_tokens(client, name):
    made = client.v1.payment_methods.create({"type": "card", "card": {"token": name}})
    assert made.card.last4 in ("4242", "9987")


@pytest.mark.parametrize("name", ["pm_card_", "pm_card_nothing", "pm_card_VISA_", "pm_card_visa_visa_visa"])
def test_names_that_are_none(client, name):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.customers.create({"payment_method": name})
    assert refused.value.code == "resource_missing"


def test_a_customer_with_a_ready_made_card(client, bench):
    inbox = bench.inbox()
    customer = client.v1.customers.create({"payment_method": "pm_card_visa"})
    assert [card.card.last4 for card in client.v1.customers.payment_methods.list(customer.id).data] == ["4242"]
    assert sorted(inbox.types) == ["customer.created", "payment_method.attached"]


def test_a_deleted_customer_lets_go_of_its_cards(client, bench):
    customer = client.v1.customers.create({"payment_method": "pm_card_visa"})
    card = client.v1.customers.payment_methods.list(customer.id).data[0]
    inbox = bench.inbox()
    client.v1.customers.delete(customer.id)
    assert client.v1.payment_methods.retrieve(card.id).customer is None
    assert inbox.types == ["payment_method.detached", "customer.deleted"]
    detached = inbox.expect("payment_method.detached").event["data"]
    assert detached["previous_attributes"] == {"customer": customer.id}


def test_a_card_of_a_reader_belongs_to_no_customer(client, bench):
    reader = bench.reader()
    intent = client.v1.payment_intents.create(
        {"amount": 1250, "currency": "usd", "payment_method_types": ["card_present"]}
    )
    client.v1.terminal.readers.process_payment_intent(reader.id, {"payment_intent": intent.id})
    reader.tap("visa")
    read = client.v1.payment_intents.retrieve(intent.id).payment_method
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.customers.create({"payment_method": read})
