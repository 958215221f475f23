"""Authorizations: the test helper, what it answers, how an authorization lives and ends, and who is asked."""

import pytest
import stripe

from countertop.bench import DEFAULT_KEY
from countertop.services.issuing import tokens

HELPERS = "/v1/test_helpers/issuing/authorizations"


# --- made -----------------------------------------------------------------------------------------------------------


def test_an_approved_authorization(desk):
    card = desk.card()
    made = desk.ask(card, 1234)
    assert (made["approved"], made["status"], made["amount"]) == (True, "pending", 1234)
    assert made["card"]["id"] == card
    assert made["card"]["cardholder"]["object"] == "issuing.cardholder"
    assert not {"number", "cvc"} & made["card"].keys()
    assert made["cardholder"] == made["card"]["cardholder"]["id"]
    assert made["pending_request"] is None
    assert "fraud_challenges" not in made
    (entry,) = made["request_history"]
    assert (entry["amount"], entry["approved"], entry["reason"]) == (1234, True, "card_active")
    assert entry["authorization_code"][0] == "S"
    assert entry["authorization_code"][1:].isdigit()
    assert desk.balance() == 100_000_00 - 1234
    assert desk.heard("issuing_authorization") == ["issuing_authorization.created"]


def test_what_is_not_given_is_as_in_the_test_mode(desk):
    made = desk.ask(desk.card(), 100)
    assert made["merchant_data"] == {
        "category": "taxicabs_limousines",
        "category_code": "4121",
        "city": "San Francisco",
        "country": "US",
        "name": "Rocket Rides",
        "network_id": "1234567890",
        "postal_code": "94103",
        "state": "CA",
        "tax_id": None,
        "terminal_id": "99999999",
        "url": "https://rocketrides.io/",
    }
    assert made["amount_details"] == {"atm_fee": None, "cashback_amount": 0}
    assert made["verification_data"] == {
        "address_line1_check": "not_provided",
        "address_postal_code_check": "not_provided",
        "authentication_exemption": None,
        "cvc_check": "not_provided",
        "expiry_check": "match",
        "postal_code": "94103",
        "three_d_secure": None,
    }
    network = made["network_data"]
    assert (network["acquiring_institution_id"], network["system_trace_audit_number"]) == ("123456", "1234567890")
    assert network["transaction_id"].startswith("test_")
    assert len(network["transaction_id"]) == 20
    assert (made["authorization_method"], made["card_presence"]) == ("online", "not_present")
    assert made["verified_by_fraud_challenge"] is False
    assert [made[name] for name in ("fleet", "fuel", "token", "wallet")] == [None] * 4


@pytest.mark.parametrize(
    ("method", "presence"),
    [
        ("chip", "present"),
        ("contactless", "present"),
        ("swipe", "present"),
        ("online", "not_present"),
        ("keyed_in", "not_present"),
    ],
)
def test_how_the_card_was_read(desk, method, presence):
    made = desk.ask(desk.card(), 100, authorization_method=method)
    assert (made["authorization_method"], made["card_presence"]) == (method, presence)


def test_everything_that_can_be_given_is_kept(desk):
    given = {
        "merchant_data": {"category": "bakeries", "name": "Bread", "country": "FR", "city": "Lyon", "network_id": "77"},
        "network_data": {"acquiring_institution_id": "42"},
        "verification_data": {
            "cvc_check": "match",
            "authentication_exemption": {"claimed_by": "acquirer", "type": "low_value_transaction"},
            "three_d_secure": {"result": "authenticated"},
        },
        "wallet": "apple_pay",
        "amount_details": {"cashback_amount": 50},
        "fleet": {"purchase_type": "fuel_purchase", "cardholder_prompt_data": {"driver_id": "D1", "odometer": 12}},
        "fuel": {"type": "diesel", "unit": "liter", "quantity_decimal": "10.5"},
        "risk_assessment": {"fraud_risk": {"level": "elevated", "score": 77.4}},
    }
    made = desk.ask(desk.card(), 600, **given)
    assert made["merchant_data"]["category_code"] == "5462"
    assert (made["merchant_data"]["name"], made["merchant_data"]["network_id"]) == ("Bread", "77")
    assert made["network_data"]["acquiring_institution_id"] == "42"
    assert made["verification_data"]["three_d_secure"] == {"result": "authenticated"}
    assert made["verification_data"]["authentication_exemption"]["claimed_by"] == "acquirer"
    assert made["wallet"] == "apple_pay"
    assert made["amount_details"] == {"atm_fee": None, "cashback_amount": 50}
    assert made["fleet"]["cardholder_prompt_data"]["odometer"] == 12
    assert made["fuel"]["quantity_decimal"] == "10.5"
    assert made["request_history"][0]["network_risk_score"] == 77


def test_a_purchase_by_wallet_carries_the_token_that_is_in_it(desk):
    card = desk.card()
    assert desk.ask(card, 100, wallet="google_pay")["token"] is None
    with desk.scope() as scope:
        token = tokens.provision(desk.room, scope, card, "google_pay")
    made = desk.then(desk.ask(card, 100, wallet="google_pay"), "capture")
    assert (made["token"], made["wallet"]) == (token["id"], "google_pay")
    assert (made["transactions"][0]["token"], made["transactions"][0]["wallet"]) == (token["id"], "google_pay")
    assert desk.ask(card, 100, wallet="apple_pay")["token"] is None
    desk.post(f"/v1/issuing/tokens/{token['id']}", status="suspended")
    assert desk.ask(card, 100, wallet="google_pay")["token"] is None


@pytest.mark.parametrize(
    ("given", "amount", "merchant"),
    [
        ({"merchant_amount": 500, "merchant_currency": "eur"}, 1000, (500, "eur")),
        ({"amount": 500, "currency": "eur"}, 1000, (500, "eur")),
        ({"amount": 1000, "merchant_currency": "eur"}, 1000, (500, "eur")),
        ({"amount": 1000, "merchant_amount": 7, "merchant_currency": "eur"}, 1000, (7, "eur")),
        ({"merchant_amount": 300}, 300, (300, "usd")),
        ({"merchant_amount": 100, "merchant_currency": "jpy"}, 100, (100, "jpy")),
    ],
)
def test_amounts_in_other_currencies(desk, given, amount, merchant):
    desk.settings(rates={"eur": "2", "jpy": "0.01"})
    made = desk.ask(desk.card(), **given)
    assert (made["amount"], made["currency"]) == (amount, "usd")
    assert (made["merchant_amount"], made["merchant_currency"]) == merchant


@pytest.mark.parametrize(
    ("given", "code", "param"),
    [
        ({}, "parameter_missing", "amount"),
        ({"amount": -1}, "parameter_invalid_integer", "amount"),
        ({"merchant_amount": -1}, "parameter_invalid_integer", "merchant_amount"),
        ({"amount": 1, "card": "ic_nope"}, "resource_missing", "card"),
        ({"amount": 1, "currency": "xyz"}, None, "currency"),
        ({"amount": 1, "authorization_method": "magic"}, None, "authorization_method"),
    ],
)
def test_what_cannot_be_asked(desk, given, code, param):
    error = desk.refused(HELPERS, **{"card": desk.card()} | given)
    assert (error.get("code"), error["param"]) == (code, param)
    assert desk.heard("issuing_authorization") == []


def test_a_check_of_nothing_holds_nothing(desk):
    made = desk.ask(desk.card(), 0)
    assert (made["approved"], made["balance_transactions"]) == (True, [])


# --- read and labelled ----------------------------------------------------------------------------------------------


def test_lists_filter_by_card_cardholder_and_status(desk):
    holder = desk.holder()
    one, other = desk.card(holder=holder), desk.card()
    first, second = desk.ask(one, 100), desk.ask(other, 100)
    desk.then(second, "reverse")

    def listed(**filters):
        return [found["id"] for found in desk.get("/v1/issuing/authorizations", **filters)["data"]]

    assert listed() == [second["id"], first["id"]]
    assert listed(card=one) == [first["id"]]
    assert listed(cardholder=holder) == [first["id"]]
    assert listed(status="reversed") == [second["id"]]
    assert listed(status="expired") == []


def test_only_metadata_can_be_updated(desk):
    made = desk.ask(desk.card(), 100)
    path = f"/v1/issuing/authorizations/{made['id']}"
    assert desk.post(path, metadata={"order": "6"})["metadata"] == {"order": "6"}
    assert desk.events("issuing_authorization.updated")[-1]["data"]["previous_attributes"] == {
        "metadata": {"order": None}
    }
    assert desk.post(path, metadata="")["metadata"] == {}
    assert desk.refused(path, amount=5)["code"] == "parameter_unknown"


def test_an_authorization_that_there_is_not(desk):
    status, body = desk.call("GET", "/v1/issuing/authorizations/iauth_nope")
    assert (status, body["error"]["code"]) == (404, "resource_missing")
    assert body["error"]["message"] == "No such issuing authorization: 'iauth_nope'"


def test_through_the_official_client(desk):
    client = desk.bench.client(DEFAULT_KEY)
    helper = client.v1.test_helpers.issuing.authorizations
    made = helper.create({"card": desk.card(), "amount": 1234})
    assert made.request_history[0].reason == "card_active"
    assert helper.capture(made.id).status == "closed"
    found = client.v1.issuing.authorizations.retrieve(made.id, {"expand": ["cardholder"]})
    assert found.cardholder.object == "issuing.cardholder"
    assert found.transactions[0].amount == -1234
    with pytest.raises(stripe.InvalidRequestError, match="closed"):
        helper.reverse(made.id)


# --- reversals ------------------------------------------------------------------------------------------------------


def test_a_reversal_leaves_nothing_but_the_history(desk):
    made = desk.then(desk.ask(desk.card(), 500), "reverse")
    assert (made["status"], made["amount"], made["merchant_amount"]) == ("reversed", 0, 0)
    assert [entry["net"] for entry in made["balance_transactions"]] == [-500, 500]
    assert made["balance_transactions"][1]["description"] == "Released hold for authorization due to reversal"
    assert [entry["amount"] for entry in made["request_history"]] == [500]
    assert desk.events("issuing_authorization.updated")[0]["data"]["previous_attributes"] == {
        "amount": 500,
        "merchant_amount": 500,
        "status": "pending",
    }
    assert desk.balance() == 100_000_00


def test_a_reversal_of_a_part(desk):
    desk.settings(rates={"eur": "2"})
    made = desk.ask(desk.card(), merchant_amount=250, merchant_currency="eur")
    made = desk.then(made, "reverse", reverse_amount=100)
    assert (made["status"], made["amount"], made["merchant_amount"]) == ("pending", 400, 200)
    assert desk.not_then(made, "reverse", reverse_amount=401)["param"] == "reverse_amount"
    made = desk.then(made, "reverse", reverse_amount=400)
    assert (made["status"], made["amount"], made["merchant_amount"]) == ("reversed", 0, 0)


def test_what_was_captured_of_a_reversed_authorization_stays(desk):
    made = desk.then(desk.ask(desk.card(), 500), "capture", capture_amount=200, close_authorization=False)
    made = desk.then(made, "reverse")
    assert (made["status"], made["amount"]) == ("closed", 200)
    assert desk.balance() == 100_000_00 - 200


# --- increments -----------------------------------------------------------------------------------------------------


def test_an_increment_is_a_decision_of_its_own(desk):
    card = desk.limited((700, "daily"))
    made = desk.then(desk.ask(card, 500), "increment", increment_amount=200)
    assert (made["status"], made["amount"], made["merchant_amount"]) == ("pending", 700, 700)
    assert [entry["amount"] for entry in made["request_history"]] == [500, 200]
    assert [entry["net"] for entry in made["balance_transactions"]] == [-500, -200]
    made = desk.then(made, "increment", increment_amount=1)
    assert (made["status"], made["amount"], made["approved"]) == ("pending", 700, True)
    assert made["request_history"][-1]["reason"] == "spending_controls"
    assert desk.balance() == 100_000_00 - 700
    assert desk.heard("issuing_authorization")[1:] == ["issuing_authorization.updated"] * 2


def test_an_increment_counts_in_a_limit_per_authorization(desk):
    card = desk.limited((600, "per_authorization"))
    made = desk.then(desk.ask(card, 500), "increment", increment_amount=101)
    assert made["request_history"][-1]["reason"] == "spending_controls"
    made = desk.then(made, "increment", increment_amount=100)
    assert made["amount"] == 600


@pytest.mark.parametrize("amount", [0, -1])
def test_an_increment_of_nothing(desk, amount):
    error = desk.not_then(desk.ask(desk.card(), 500), "increment", increment_amount=amount)
    assert error["param"] == "increment_amount"


# --- lapses ---------------------------------------------------------------------------------------------------------


def test_the_helper_lapses_an_authorization(desk):
    made = desk.then(desk.ask(desk.card(), 500), "expire")
    assert (made["status"], made["amount"], made["approved"]) == ("expired", 500, True)
    assert made["balance_transactions"][1]["description"] == "Released hold for authorization due to expiration"
    assert desk.balance() == 100_000_00
    assert desk.heard("issuing_authorization")[-1] == "issuing_authorization.updated"


@pytest.mark.parametrize(
    ("category", "days"),
    [
        ("bakeries", 7),
        ("hotels_motels_and_resorts", 31),
        ("airlines_air_carriers", 31),
        ("car_rental_agencies", 31),
    ],
)
def test_time_lapses_an_authorization(desk, category, days):
    made = desk.ask(desk.card(), 500, merchant_data={"category": category})
    desk.bench.advance(hours=24 * days, seconds=-1)
    assert desk.again(made)["status"] == "pending"
    desk.bench.advance(seconds=1)
    assert desk.again(made)["status"] == "expired"
    assert desk.balance() == 100_000_00


@pytest.mark.parametrize("ending", ["capture", "reverse", "expire"])
def test_what_is_over_does_not_lapse(desk, ending):
    made = desk.then(desk.ask(desk.card(), 500), ending)
    desk.bench.advance(hours=8 * 24)
    assert desk.again(made)["status"] == made["status"]
    assert len(desk.again(made)["balance_transactions"]) == 2


@pytest.mark.parametrize(
    ("what", "params"),
    [
        ("reverse", {}),
        ("expire", {}),
        ("increment", {"increment_amount": 1}),
        ("finalize_amount", {"final_amount": 1}),
    ],
)
@pytest.mark.parametrize("state", ["declined", "closed", "reversed", "expired"])
def test_what_is_over_cannot_be_changed(desk, what, params, state):
    ending = {"closed": "capture", "reversed": "reverse", "expired": "expire"}
    if state == "declined":
        made = desk.ask(desk.card(status="inactive"), 100)
    else:
        made = desk.then(desk.ask(desk.card(), 100), ending[state])
    error = desk.not_then(made, what, **params)
    assert state in error["message"]
    assert "code" not in error
    assert desk.again(made) == made


# --- fuel -----------------------------------------------------------------------------------------------------------


def test_a_pump_asks_for_one_unit_and_holds_a_hundred(desk):
    card = desk.card()
    pump = {"category": "automated_fuel_dispensers"}
    made = desk.ask(card, 100, merchant_data=pump)
    assert (made["amount"], desk.balance()) == (100_00, 100_000_00 - 100_00)
    fuel = {"type": "diesel", "unit": "us_gallon", "quantity_decimal": "12.5", "unit_cost_decimal": "3.6"}
    made = desk.then(made, "finalize_amount", final_amount=45_00, fuel=fuel, fleet={"service_type": "self_service"})
    assert (made["status"], made["amount"], made["merchant_amount"]) == ("pending", 45_00, 45_00)
    assert (made["fuel"]["quantity_decimal"], made["fleet"]["service_type"]) == ("12.5", "self_service")
    assert desk.balance() == 100_000_00 - 45_00
    made = desk.then(made, "capture")
    assert made["transactions"][0]["merchant_amount"] == -45_00
    assert desk.balance() == 100_000_00 - 45_00


def test_a_final_amount_above_what_was_held(desk):
    made = desk.ask(desk.card(), 5_00, merchant_data={"category": "automated_fuel_dispensers"})
    made = desk.then(made, "finalize_amount", final_amount=7_00)
    assert [entry["net"] for entry in made["balance_transactions"]] == [-500, -200]
    assert desk.not_then(made, "finalize_amount", final_amount=0)["param"] == "final_amount"
