"""SetupIntents: cards that are saved without a payment, typed in and at a reader (terminal.md §2.6)."""

from __future__ import annotations

import pytest
import stripe

from countertop.api.shape_problems import problems

SETUPS = "/v1/setup_intents"
TYPES = ["card_present"]


@pytest.fixture
def client(bench):
    return bench.client()


@pytest.fixture
def customer(till):
    return till.post("/v1/customers", name="Jenny")["id"]


def test_a_new_setup_intent(till):
    made = till.post(SETUPS, payment_method_types=TYPES, metadata={"a": "b"})
    assert (made["status"], made["usage"], made["payment_method_types"]) == (
        "requires_payment_method", "off_session", TYPES,
    )  # fmt: skip
    assert made["client_secret"].startswith(made["id"] + "_secret_")
    assert (made["latest_attempt"], made["payment_method"], made["metadata"]) == (None, None, {"a": "b"})


def test_its_life_through_the_sdk(client, bench):
    inbox = bench.inbox()
    customer = client.v1.customers.create()
    made = client.v1.setup_intents.create({"customer": customer.id, "usage": "on_session"})
    assert made.status == "requires_payment_method"
    ready = client.v1.setup_intents.update(made.id, {"payment_method": "pm_card_visa"})
    assert ready.status == "requires_confirmation"
    done = client.v1.setup_intents.confirm(made.id)
    assert (done.status, done.payment_method) == ("succeeded", ready.payment_method)
    assert client.v1.payment_methods.retrieve(done.payment_method).customer == customer.id
    attempts = client.v1.setup_attempts.list({"setup_intent": made.id}).data
    assert [(one.id, one.status, one.usage) for one in attempts] == [(done.latest_attempt, "succeeded", "on_session")]
    assert attempts[0].payment_method_details.card.last4 == "4242"
    assert problems("setup_attempt", attempts[0].to_dict()) == []
    assert inbox.types == [
        "customer.created", "setup_intent.created", "payment_method.attached", "setup_intent.succeeded",
    ]  # fmt: skip


def test_a_decline_and_another_try(client, bench):
    made = client.v1.setup_intents.create({"payment_method": "pm_card_chargeDeclined"})
    inbox = bench.inbox()
    with pytest.raises(stripe.CardError) as refused:
        client.v1.setup_intents.confirm(made.id)
    assert refused.value.code == "card_declined"
    kept = client.v1.setup_intents.retrieve(made.id)
    assert (kept.status, kept.payment_method, kept.last_setup_error.code) == (
        "requires_payment_method", None, "card_declined",
    )  # fmt: skip
    done = client.v1.setup_intents.confirm(made.id, {"payment_method": "pm_card_visa"})
    assert (done.status, done.last_setup_error) == ("succeeded", None)
    attempts = client.v1.setup_attempts.list({"setup_intent": made.id}).data
    assert [one.status for one in attempts] == ["succeeded", "failed"]
    assert inbox.types == ["setup_intent.setup_failed", "setup_intent.succeeded"]


def test_created_and_confirmed_at_once(till):
    assert till.post(SETUPS, confirm=True, payment_method="pm_card_visa")["status"] == "succeeded"
    assert till.refused(SETUPS, confirm=True) == (400, "setup_intent_unexpected_state")


def test_nothing_moves_one_that_is_over(till, bench):
    done = till.post(SETUPS, confirm=True, payment_method="pm_card_visa")
    open_one = till.post(SETUPS)
    inbox = bench.inbox()
    over = till.post(f"{SETUPS}/{open_one['id']}/cancel", cancellation_reason="abandoned")
    assert (over["status"], over["cancellation_reason"]) == ("canceled", "abandoned")
    assert inbox.types == ["setup_intent.canceled"]
    for intent in (done, over):
        one = f"{SETUPS}/{intent['id']}"
        for path in (f"{one}/confirm", f"{one}/cancel", f"{one}/verify_microdeposits", one):
            assert till.refused(path) == (400, "setup_intent_unexpected_state")


def test_references_and_filters(till, customer):
    assert till.refused(SETUPS, customer="cus_none") == (400, "resource_missing")
    assert till.refused(SETUPS, payment_method="pm_none") == (400, "resource_missing")
    assert till.refused(SETUPS, payment_method_types=TYPES, payment_method="pm_card_visa")[0] == 400
    first, second = till.post(SETUPS, customer=customer)["id"], till.post(SETUPS)["id"]
    assert till.listed(SETUPS) == [second, first]
    assert till.listed(SETUPS, customer=customer) == [first]
    assert till.api.get("/v1/setup_attempts").status == 400
    assert till.api.get(f"{SETUPS}/seti_none").status == 404


# --- at a reader --------------------------------------------------------------------------------------------------


def test_a_card_at_a_reader_leaves_a_generated_card(till, counter, customer, bench):
    made = till.post(SETUPS, payment_method_types=TYPES, customer=customer)
    inbox = bench.inbox()
    done = counter().set_up(made, "visa")
    assert done.problem is None
    intent = till.get(f"{SETUPS}/{made['id']}")
    assert intent["status"] == "succeeded"
    assert till.get(f"/v1/payment_methods/{intent['payment_method']}")["type"] == "card_present"
    generated = till.get(f"/v1/payment_methods/{done.generated_card['id']}")
    assert (generated["type"], generated["customer"], generated["allow_redisplay"]) == ("card", customer, "always")
    origin = generated["card"]["generated_from"]
    assert (origin["charge"], origin["setup_attempt"]) == (None, intent["latest_attempt"])
    assert origin["payment_method_details"]["card_present"]["reader"] == "tmr_1"
    attempt = till.get("/v1/setup_attempts", setup_intent=made["id"])["data"][0]
    assert attempt["payment_method_details"]["card_present"]["generated_card"] == generated["id"]
    assert inbox.types == ["payment_method.attached", "setup_intent.succeeded"]


def test_a_generated_card_can_be_charged_and_is_the_same_card_as_online(till, counter, customer):
    made = till.post(SETUPS, payment_method_types=TYPES, customer=customer)
    generated = counter().set_up(made, "visa").generated_card
    typed = till.post("/v1/payment_methods", type="card", card={"token": "tok_visa"})
    assert generated["card"]["fingerprint"] == typed["card"]["fingerprint"]
    paid = till.intent(customer=customer, payment_method=generated["id"], confirm=True, payment_method_types=["card"])
    assert paid["status"] == "succeeded"


@pytest.mark.parametrize(
    "name",
    ["charge_declined", "charge_declined_insufficient_funds", "charge_declined_lost_card",
     "charge_declined_stolen_card", "charge_declined_expired_card", "charge_declined_processing_error",
     "girocard_debit", "interac"],
)  # fmt: skip
def test_cards_that_cannot_be_saved(till, counter, bench, name):
    made = till.post(SETUPS, payment_method_types=TYPES)
    inbox = bench.inbox()
    done = counter().set_up(made, name)
    assert done.problem["code"] == "setup_intent_authentication_failure"
    kept = till.get(f"{SETUPS}/{made['id']}")
    assert (kept["status"], kept["last_setup_error"]["code"]) == (
        "requires_payment_method", "setup_intent_authentication_failure",
    )  # fmt: skip
    assert till.get("/v1/setup_attempts", setup_intent=made["id"])["data"][0]["status"] == "failed"
    assert inbox.types == ["setup_intent.setup_failed"]
    assert till.listed("/v1/payment_methods", type="card") == []


def test_a_co_branded_card_is_saved_on_its_international_brand(till, counter):
    made = till.post(SETUPS, payment_method_types=TYPES)
    done = counter("FR").set_up(made, "cartes_bancaires_visa_debit")
    read = done.generated_card["card"]["generated_from"]["payment_method_details"]["card_present"]
    assert read["network"] == "visa"


def test_a_pin_that_is_asked_for_is_no_end(till, counter):
    made = till.post(SETUPS, payment_method_types=TYPES)
    shop = counter("GB")
    first = shop.set_up(made, "offline_pin_sca_retry")
    assert first.problem["code"] == "offline_pin_required"
    assert shop.set_up(
        first.setup_intent, "offline_pin_sca_retry", read="contact_emv", cvm="offline_pin"
    ).generated_card


def test_in_japan_cards_are_saved_after_payments_only(till, counter):
    counter("JP")
    assert till.refused(SETUPS, payment_method_types=TYPES)[0] == 400
