"""Transactions: refunds of captures, and what comes without any authorization."""

import pytest
from issuing_desk import HELPERS

FORCE, UNLINKED = f"{HELPERS}/transactions/create_force_capture", f"{HELPERS}/transactions/create_unlinked_refund"


def give_back(desk, transaction, **params):
    return desk.post(f"{HELPERS}/transactions/{transaction['id']}/refund", **params)


def not_given_back(desk, transaction, **params):
    return desk.refused(f"{HELPERS}/transactions/{transaction['id']}/refund", **params)


def test_a_refund_is_linked_and_positive(desk):
    capture = desk.bought(desk.card(), 1000)
    refund = give_back(desk, capture)
    assert (refund["type"], refund["amount"], refund["merchant_amount"]) == ("refund", 1000, 1000)
    assert refund["authorization"] == capture["authorization"]
    assert refund["id"] != capture["id"]
    authorization = desk.get(f"/v1/issuing/authorizations/{capture['authorization']}")
    assert [one["id"] for one in authorization["transactions"]] == [capture["id"], refund["id"]]
    assert desk.balance() == 100_000_00
    assert desk.heard("issuing_transaction") == ["issuing_transaction.created"] * 2


def test_several_refunds_up_to_the_capture(desk):
    desk.settings(rates={"eur": "2"})
    capture = desk.then(desk.ask(desk.card(), merchant_amount=500, merchant_currency="eur"), "capture")
    capture = capture["transactions"][0]
    first = give_back(desk, capture, refund_amount=300)
    assert (first["merchant_amount"], first["merchant_currency"]) == (150, "eur")
    assert not_given_back(desk, capture, refund_amount=701)["param"] == "refund_amount"
    assert give_back(desk, capture)["amount"] == 700
    not_given_back(desk, capture)
    assert desk.balance() == 100_000_00


@pytest.mark.parametrize("amount", [0, -1])
def test_a_refund_of_nothing(desk, amount):
    capture = desk.bought(desk.card(), 1000)
    assert not_given_back(desk, capture, refund_amount=amount)["param"] == "refund_amount"


def test_a_refund_is_not_refunded(desk):
    refund = give_back(desk, desk.bought(desk.card(), 1000))
    assert "only captures" in not_given_back(desk, refund)["message"]


def test_a_force_capture_asks_nobody(open_desk):
    desk = open_desk("US", funds=0)
    card = desk.card()
    desk.post(f"/v1/issuing/cards/{card}", status="canceled")
    made = desk.post(FORCE, card=card, amount=700, merchant_data={"category": "bakeries", "name": "Bread"})
    assert (made["type"], made["amount"], made["authorization"]) == ("capture", -700, None)
    assert (made["merchant_data"]["name"], made["merchant_data"]["category_code"]) == ("Bread", "5462")
    assert made["network_data"]["authorization_code"] is None
    assert desk.balance() == -700
    assert give_back(desk, made)["authorization"] is None


def test_a_refund_of_nothing_that_is_known(desk):
    made = desk.post(UNLINKED, card=desk.card(), amount=700, purchase_details={"reference": "R1"})
    assert (made["type"], made["amount"], made["authorization"]) == ("refund", 700, None)
    assert desk.balance() == 100_000_00 + 700


@pytest.mark.parametrize("path", [FORCE, UNLINKED])
def test_in_another_currency(desk, path):
    desk.settings(rates={"eur": "2"})
    made = desk.post(path, card=desk.card(), amount=500, currency="eur")
    assert (abs(made["amount"]), made["currency"]) == (1000, "usd")
    assert (abs(made["merchant_amount"]), made["merchant_currency"]) == (500, "eur")


@pytest.mark.parametrize("path", [FORCE, UNLINKED])
@pytest.mark.parametrize(
    ("given", "param"),
    [({"amount": 0}, "amount"), ({"amount": -5}, "amount"), ({"amount": 5, "card": "ic_nope"}, "card"), ({}, "amount")],
)
def test_what_cannot_be_made(desk, path, given, param):
    assert desk.refused(path, **{"card": desk.card()} | given)["param"] == param
    assert desk.get("/v1/issuing/transactions")["data"] == []


def test_lists_filter(desk):
    holder = desk.holder()
    card = desk.card(holder=holder)
    capture = desk.bought(card, 1000)
    refund = give_back(desk, capture)
    other = desk.bought(desk.card(), 100)

    def listed(**filters):
        return [one["id"] for one in desk.get("/v1/issuing/transactions", **filters)["data"]]

    assert listed() == [other["id"], refund["id"], capture["id"]]
    assert listed(card=card) == [refund["id"], capture["id"]]
    assert listed(cardholder=holder, type="refund") == [refund["id"]]
    assert listed(type="capture") == [other["id"], capture["id"]]


def test_only_metadata_can_be_updated(desk):
    capture = desk.bought(desk.card(), 1000)
    path = f"/v1/issuing/transactions/{capture['id']}"
    assert desk.post(path, metadata={"trip": "LHR"})["metadata"] == {"trip": "LHR"}
    assert desk.heard("issuing_transaction")[-1] == "issuing_transaction.updated"
    assert desk.refused(path, amount=5)["code"] == "parameter_unknown"
    status, body = desk.call("GET", "/v1/issuing/transactions/ipi_nope")
    assert (status, body["error"]["param"]) == (404, "transaction")


def test_objects_behind_a_transaction(desk):
    capture = desk.bought(desk.card(), 1000)
    wanted = ["authorization", "balance_transaction", "card", "cardholder"]
    shown = desk.get(f"/v1/issuing/transactions/{capture['id']}", **{"expand[]": wanted})
    assert [shown[name]["object"] for name in wanted] == [
        "issuing.authorization",
        "balance_transaction",
        "issuing.card",
        "issuing.cardholder",
    ]
    assert shown["authorization"]["card"]["object"] == "issuing.card"
    source = desk.get(f"/v1/balance_transactions/{capture['balance_transaction']}", **{"expand[]": "source"})["source"]
    assert source["id"] == capture["id"]
