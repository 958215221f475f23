"""Captures: whole, partial, several, more than was held, late; nothing but the authorization's state refuses one."""

import pytest

from countertop.services.issuing import captures, deciding, transactions

DETAILS = {
    "flight": {
        "passenger_name": "J ROSEN",
        "refundable": False,
        "segments": [{"carrier": "LH", "departure_airport_code": "FRA", "arrival_airport_code": "SFO"}],
    },
    "fuel": {"type": "diesel", "unit": "liter", "quantity_decimal": "10", "unit_cost_decimal": "1.5"},
    "lodging": {"check_in_at": 1_700_000_000, "nights": 2},
    "receipt": [{"description": "Room", "quantity": "2.5", "unit_cost": 100, "total": 250}],
    "reference": "order-6",
}


def test_a_capture_moves_the_money_from_the_hold_to_the_transaction(desk):
    made = desk.ask(desk.card(), 1234)
    captured = desk.then(made, "capture")
    assert (captured["status"], captured["amount"], captured["approved"]) == ("closed", 1234, True)
    assert [entry["type"] for entry in captured["balance_transactions"]] == [
        "issuing_authorization_hold",
        "issuing_authorization_release",
    ]
    (transaction,) = captured["transactions"]
    assert (transaction["type"], transaction["amount"], transaction["merchant_amount"]) == ("capture", -1234, -1234)
    assert transaction["authorization"] == made["id"]
    assert transaction["card"] == made["card"]["id"]
    assert transaction["cardholder"] == made["cardholder"]
    assert transaction["merchant_data"] == made["merchant_data"]
    assert transaction["network_data"] == {
        "authorization_code": made["request_history"][0]["authorization_code"],
        "processing_date": "2026-01-01",
        "transaction_id": made["network_data"]["transaction_id"],
    }
    assert transaction["dispute"] is None
    assert "purchase_details" not in transaction
    assert desk.balance() == 100_000_00 - 1234


def test_the_order_of_events(desk):
    desk.then(desk.ask(desk.card(), 1234), "capture")
    assert [name for name in desk.heard() if "card" not in name] == [
        "issuing_authorization.created",
        "issuing_transaction.created",
        "issuing_authorization.updated",
    ]
    updated = desk.events("issuing_authorization.updated")[0]
    assert updated["data"]["previous_attributes"] == {"status": "pending"}
    assert updated["data"]["object"]["transactions"][0]["amount"] == -1234


@pytest.mark.parametrize(("amount", "merchant_amount"), [(400, -200), (1000, -500), (2000, -1000), (1, -1)])
def test_any_amount_can_be_captured(desk, amount, merchant_amount):
    desk.settings(rates={"eur": "2"})
    made = desk.ask(desk.card(), merchant_amount=500, merchant_currency="eur")
    captured = desk.then(made, "capture", capture_amount=amount)
    transaction = captured["transactions"][0]
    assert (transaction["amount"], transaction["merchant_amount"]) == (-amount, merchant_amount)
    assert (captured["status"], captured["amount"]) == ("closed", 1000)
    assert desk.balance() == 100_000_00 - amount


def test_several_captures(desk):
    made = desk.ask(desk.card(), 1000)
    made = desk.then(made, "capture", capture_amount=300, close_authorization=False)
    assert (made["status"], made["amount"]) == ("pending", 1000)
    assert [entry["net"] for entry in made["balance_transactions"]] == [-1000, 300]
    assert desk.heard("issuing_authorization")[-1] == "issuing_authorization.updated"
    assert desk.balance() == 100_000_00 - 1000
    made = desk.then(made, "capture", capture_amount=900, close_authorization=False)
    assert desk.balance() == 100_000_00 - 1200
    made = desk.then(made, "capture", capture_amount=1)
    assert made["status"] == "closed"
    assert [one["amount"] for one in made["transactions"]] == [-300, -900, -1]
    assert desk.balance() == 100_000_00 - 1201


def test_the_rest_is_captured_when_no_amount_is_given(desk):
    made = desk.ask(desk.card(), 1000)
    made = desk.then(made, "capture", capture_amount=300, close_authorization=False)
    assert desk.then(made, "capture")["transactions"][-1]["amount"] == -700


def test_a_capture_after_the_lapse(desk):
    made = desk.then(desk.ask(desk.card(), 1000), "expire")
    made = desk.then(made, "capture")
    assert (made["status"], made["transactions"][0]["amount"]) == ("closed", -1000)
    assert desk.balance() == 100_000_00 - 1000
    assert desk.not_then(made, "capture")


def test_neither_card_nor_balance_nor_limits_refuse_a_capture(open_desk):
    desk = open_desk("US", funds=1000)
    card = desk.limited((1000, "daily"))
    made = desk.ask(card, 1000)
    desk.post(f"/v1/issuing/cards/{card}", status="canceled")
    desk.then(made, "capture", capture_amount=5000)
    assert desk.balance() == 1000 - 5000


@pytest.mark.parametrize("state", ["declined", "closed", "reversed"])
def test_what_is_over_cannot_be_captured(desk, state):
    if state == "declined":
        made = desk.ask(desk.card(status="inactive"), 100)
    else:
        made = desk.then(desk.ask(desk.card(), 100), {"closed": "capture", "reversed": "reverse"}[state])
    before = desk.balance()
    error = desk.not_then(made, "capture")
    assert state in error["message"]
    assert desk.again(made) == made
    assert desk.balance() == before


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_cannot_be_captured(desk, amount):
    made = desk.ask(desk.card(), 100)
    assert desk.not_then(made, "capture", capture_amount=amount)["param"] == "capture_amount"
    assert desk.again(made) == made


def test_purchase_details_are_shown_to_those_who_ask(desk):
    made = desk.then(desk.ask(desk.card(), 100), "capture", purchase_details=DETAILS)
    path = f"/v1/issuing/transactions/{made['transactions'][0]['id']}"
    assert "purchase_details" not in desk.get(path)
    details = desk.get(path, **{"expand[]": "purchase_details"})["purchase_details"]
    assert details["flight"]["segments"][0]["carrier"] == "LH"
    assert details["flight"]["travel_agency"] is None
    assert details["lodging"] == {"check_in_at": 1_700_000_000, "nights": 2}
    assert details["receipt"] == [{"description": "Room", "quantity": 2.5, "unit_cost": 100, "total": 250}]
    assert (details["reference"], details["fleet"]) == ("order-6", None)
    listed = desk.get("/v1/issuing/transactions", **{"expand[]": "data.purchase_details"})
    assert listed["data"][0]["purchase_details"] == details
    assert all("purchase_details" not in event["data"]["object"] for event in desk.events())
    assert "issuing_transaction.purchase_details_receipt_updated" in desk.heard()


def test_what_the_merchant_knows_to_the_cent_is_kept(desk):
    """A hundred and two yen are 68 cents, and 68 cents would be a hundred and one yen."""
    desk.settings(rates={"jpy": "0.0067"})
    made = desk.ask(desk.card(), merchant_amount=1000, merchant_currency="jpy")
    with desk.scope() as scope:
        row = scope.get("issuing.authorization", made["id"])
        captured = captures.capture(desk.room, scope, row, 68, merchant_amount=102, close=False)
        capture = scope.get("issuing.transaction", captured["transactions"][0])
        refund = transactions.refund(desk.room, scope, capture, 1, merchant_amount=1)
        row = scope.get("issuing.authorization", made["id"])
        deciding.begin_increment(desk.room, scope, row, 68, merchant_amount=102)
    assert (capture["amount"], capture["merchant_amount"]) == (-68, -102)
    assert (refund["amount"], refund["merchant_amount"]) == (1, 1)
    assert desk.again(made)["merchant_amount"] == 1102


# --- cards that end by themselves -----------------------------------------------------------------------------------


def test_payments_that_are_counted_end_a_card(desk):
    """§3.9: payments of nothing do not count, those of at most a dollar only once they are captured."""
    card = desk.card(lifecycle_controls={"cancel_after": {"payment_count": 3}})

    def status():
        return desk.get(f"/v1/issuing/cards/{card}")["status"]

    small = desk.ask(card, 100)
    desk.ask(card, 0)
    desk.ask(card, 99)
    desk.ask(card, 101)
    desk.then(desk.ask(card, 101), "increment", increment_amount=500)
    assert status() == "active"
    desk.then(small, "capture", capture_amount=40, close_authorization=False)
    assert status() == "canceled"
    desk.then(small, "capture")
    force = "/v1/test_helpers/issuing/transactions/create_force_capture"
    assert desk.post(force, card=card, amount=500)["amount"] == -500
    assert desk.reason(card, 500) == "card_canceled"


def test_a_force_capture_is_a_payment(desk):
    card = desk.card(lifecycle_controls={"cancel_after": {"payment_count": 1}})
    desk.post("/v1/test_helpers/issuing/transactions/create_force_capture", card=card, amount=500)
    assert desk.get(f"/v1/issuing/cards/{card}")["status"] == "canceled"
