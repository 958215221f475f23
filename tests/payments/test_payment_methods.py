"""Payment methods: cards by number, the ready-made test ones, and whose they are."""

from __future__ import annotations

import pytest

METHODS = "/v1/payment_methods"
CARD = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2031, "cvc": "123"}


@pytest.fixture
def method(till):
    """Makes a card payment method."""

    def make(**card):
        return till.post(METHODS, type="card", card={**CARD, **card})

    return make


@pytest.fixture
def customer(till):
    return till.post("/v1/customers", name="Jenny")["id"]


def test_a_card_by_number_shows_its_last_four_alone(api, method):
    made = method()
    card = made["card"]
    assert (card["brand"], card["last4"], card["exp_month"], card["exp_year"]) == ("visa", "4242", 12, 2031)
    assert (made["customer"], made["livemode"], made["type"]) == (None, False, "card")
    raw = api.get(f"{METHODS}/{made['id']}").raw
    assert b"4242424242424242" not in raw
    assert b'cvc":' not in raw


def test_the_same_number_has_the_same_fingerprint_in_one_account_only(bench, method):
    first, second, other = method(), method(), method(number="5555555555554444")
    assert first["id"] != second["id"]
    assert first["card"]["fingerprint"] == second["card"]["fingerprint"] != other["card"]["fingerprint"]
    elsewhere = bench.call("POST", METHODS, {"type": "card", "card": CARD}, key="sk_test_elsewhere")
    assert elsewhere["card"]["fingerprint"] != first["card"]["fingerprint"]


@pytest.mark.parametrize(
    ("card", "code"),
    [
        ({"number": "4242424242424241"}, "incorrect_number"),
        ({"number": "42"}, "incorrect_number"),
        ({"number": "not a number"}, "incorrect_number"),
        ({"exp_month": 13}, "invalid_expiry_month"),
        ({"exp_year": 2019}, "invalid_expiry_year"),
        ({"exp_year": 2999}, "invalid_expiry_year"),
    ],
)
def test_a_card_that_cannot_be(till, card, code):
    assert till.refused(METHODS, type="card", card={**CARD, **card}) == (402, code)


@pytest.mark.parametrize("name", ["number", "exp_month", "exp_year"])
def test_a_card_needs_number_and_expiry(api, till, name):
    given = {key: value for key, value in CARD.items() if key != name}
    assert till.refused(METHODS, type="card", card=given) == (400, "parameter_missing")


def test_an_error_about_a_card_does_not_repeat_its_number(api):
    answer = api.post(METHODS, "type=card&card[number]=4242424242424241&card[exp_month]=1&card[exp_year]=2031")
    assert b"4242424242424241" not in answer.raw


def test_ready_made_test_cards(till):
    paid = till.paid("pm_card_mastercard")
    details = till.charge(paid)["payment_method_details"]
    assert (details["type"], details["card"]["brand"], details["card"]["last4"]) == ("card", "mastercard", "4444")
    assert till.refused("/v1/payment_intents", amount=1, currency="usd", payment_method="pm_card_nothing")[0] == 400


def test_attach_list_and_detach(till, method, customer, bench):
    inbox = bench.inbox("payment_method.attached", "payment_method.detached")
    made = method()["id"]
    assert till.post(f"{METHODS}/{made}/attach", customer=customer)["customer"] == customer
    fresh = till.post(f"{METHODS}/pm_card_visa/attach", customer=customer)["id"]
    assert fresh.startswith("pm_")
    assert fresh != "pm_card_visa"
    assert till.listed(METHODS, customer=customer) == [fresh, made]
    assert till.listed(f"/v1/customers/{customer}/payment_methods", type="card") == [fresh, made]
    assert till.get(f"/v1/customers/{customer}/payment_methods/{made}")["id"] == made
    assert till.post(f"{METHODS}/{made}/detach")["customer"] is None
    assert till.listed(METHODS, customer=customer) == [fresh]
    assert till.refused(f"{METHODS}/{made}/detach")[0] == 400
    assert inbox.types == ["payment_method.attached", "payment_method.attached", "payment_method.detached"]


def test_a_method_belongs_to_one_customer(till, method, customer):
    made = method()["id"]
    till.post(f"{METHODS}/{made}/attach", customer=customer)
    other = till.post("/v1/customers")["id"]
    assert till.refused(f"{METHODS}/{made}/attach", customer=other)[0] == 400
    assert till.refused(f"{METHODS}/{made}/attach") == (400, "parameter_missing")
    assert till.refused(f"{METHODS}/{made}/attach", customer="cus_none") == (400, "resource_missing")


def test_a_method_of_a_customer_pays_with_that_customer_only(till, method, customer):
    made = method()["id"]
    till.post(f"{METHODS}/{made}/attach", customer=customer)
    intent = {"amount": 1250, "currency": "usd", "payment_method": made, "payment_method_types": ["card"]}
    assert till.refused("/v1/payment_intents", **intent)[0] == 400
    other = till.post("/v1/customers")["id"]
    assert till.refused("/v1/payment_intents", **intent, customer=other)[0] == 400
    assert till.intent(**intent, customer=customer, confirm=True)["status"] == "succeeded"


def test_deleting_a_customer_detaches_its_methods(till, api, method, customer):
    made = method()["id"]
    till.post(f"{METHODS}/{made}/attach", customer=customer)
    assert api.delete(f"/v1/customers/{customer}").body["deleted"] is True
    assert till.get(f"{METHODS}/{made}")["customer"] is None
    assert api.get(f"/v1/customers/{customer}").body["deleted"] is True
    assert till.refused(f"{METHODS}/{made}/attach", customer=customer)[0] == 400


def test_a_customer_can_be_made_with_a_method(till, method):
    made = method()["id"]
    customer = till.post("/v1/customers", payment_method=made)["id"]
    assert till.get(f"{METHODS}/{made}")["customer"] == customer


def test_update(till, method):
    made = method()["id"]
    changed = till.post(f"{METHODS}/{made}", billing_details={"name": "J. Rosen"}, metadata={"a": "b"})
    assert (changed["billing_details"]["name"], changed["metadata"]) == ("J. Rosen", {"a": "b"})
    assert changed["card"]["last4"] == "4242"


def test_a_card_that_was_read_by_a_reader_cannot_be_attached(till, bench, customer):
    reader = bench.reader()
    intent = till.intent(payment_method_types=["card_present"])
    till.post(f"/v1/terminal/readers/{reader.id}/process_payment_intent", payment_intent=intent["id"])
    reader.tap("visa")
    read = till.get(f"/v1/payment_intents/{intent['id']}")["payment_method"]
    assert till.get(f"{METHODS}/{read}")["type"] == "card_present"
    assert till.refused(f"{METHODS}/{read}/attach", customer=customer)[0] == 400
