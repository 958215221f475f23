"""The Issuing balance: apart from the balance of payments, and the sum of its transactions."""

from issuing_desk import Desk

from countertop.seeding import load_objects


def entries(desk):
    found = desk.get("/v1/balance_transactions", limit=100)["data"]
    return [(one["type"], one["net"]) for one in found if one["balance_type"] == "issuing"][::-1]


def test_an_account_that_issues_nothing_has_none(bench):
    desk = Desk(bench, funds=0)
    assert "issuing" not in desk.get("/v1/balance")
    desk.holder()
    assert desk.get("/v1/balance")["issuing"]["available"] == [
        {"amount": 0, "currency": "usd", "source_types": {"card": 0}}
    ]


def test_funding_is_available_at_once_and_apart_from_payments(desk):
    before = desk.get("/v1/balance")
    desk.fund(500)
    after = desk.get("/v1/balance")
    assert desk.balance() == 100_000_00 + 500
    assert (after["available"], after["pending"]) == (before["available"], before["pending"])


def test_a_sale_of_the_same_account_does_not_count_what_cards_have(desk):
    desk.post(
        "/v1/payment_intents",
        amount=2000,
        currency="usd",
        payment_method="pm_card_visa",
        payment_method_types=["card"],
        confirm=True,
    )
    balance = desk.get("/v1/balance")
    assert balance["available"][0]["amount"] == 0
    assert balance["pending"][0]["amount"] == 2000 - 88
    assert desk.balance() == 100_000_00


def test_a_hold_takes_and_a_release_gives(desk):
    card = desk.card()
    authorization = desk.ask(card, 1234)
    assert desk.balance() == 100_000_00 - 1234
    desk.then(authorization, "reverse", reverse_amount=234)
    assert desk.balance() == 100_000_00 - 1000
    desk.then(authorization, "capture", capture_amount=1500)
    assert desk.balance() == 100_000_00 - 1500
    assert entries(desk)[1:] == [
        ("issuing_authorization_hold", -1234),
        ("issuing_authorization_release", 234),
        ("issuing_authorization_release", 1000),
        ("issuing_transaction", -1500),
    ]


def test_what_an_entry_says(desk):
    authorization = desk.ask(desk.card(), 700)
    entry = authorization["balance_transactions"][0]
    expected = {
        "amount": -700,
        "net": -700,
        "fee": 0,
        "fee_details": [],
        "exchange_rate": None,
        "balance_type": "issuing",
        "status": "available",
        "available_on": entry["created"],
        "type": "issuing_authorization_hold",
        "reporting_category": "issuing_authorization_hold",
        "description": "Hold for authorization",
        "source": authorization["id"],
        "currency": "usd",
    }
    assert {name: entry[name] for name in expected} == expected
    captured = desk.then(authorization, "capture")
    released = captured["balance_transactions"][1]
    assert released["description"] == "Released hold for authorization due to capture"
    debit = desk.get(f"/v1/balance_transactions/{captured['transactions'][0]['balance_transaction']}")
    assert (debit["type"], debit["net"], debit["source"]) == (
        "issuing_transaction",
        -700,
        captured["transactions"][0]["id"],
    )
    assert debit["created"] == released["created"]


def test_currencies_are_apart(desk):
    desk.fund(700, "eur")
    desk.fund(33, "jpy")
    assert (desk.balance("eur"), desk.balance("jpy"), desk.balance("usd")) == (700, 33, 100_000_00)


def test_what_was_loaded_counts(bench):
    desk = Desk(bench, funds=0)
    loaded = {
        "id": "txn_loaded",
        "object": "balance_transaction",
        "amount": 900,
        "net": 900,
        "balance_type": "issuing",
        "currency": "usd",
        "type": "topup",
        "created": 1_700_000_000,
        "available_on": 1_700_000_000,
    }
    assert load_objects(bench.world, desk.account, [loaded]) == 1
    card = desk.card()
    assert desk.reason(card, 901) == "insufficient_funds"
    assert desk.reason(card, 900) == "card_active"
    assert desk.balance() == 0
