"""The balance and what moves it: pending at first, available on its day."""

from __future__ import annotations

import pytest

from countertop.api.shape_problems import problems

DAY = 86_400


@pytest.fixture
def balance(till):
    """(pending, available) of a currency."""

    def read(currency="usd"):
        body = till.get("/v1/balance")
        return tuple(
            next((entry["amount"] for entry in body[name] if entry["currency"] == currency), None)
            for name in ("pending", "available")
        )

    return read


def transaction_of(till, charge):
    return till.get(f"/v1/balance_transactions/{charge['balance_transaction']}")


def test_a_new_account_has_nothing_in_its_own_currency(till, balance):
    assert balance() == (0, 0)
    assert balance("eur") == (None, None)


def test_a_sale_is_pending_until_its_day(till, balance, bench):
    made = transaction_of(till, till.charge(till.paid(amount=10_000)))
    net = 10_000 - made["fee"]
    assert (made["net"], made["status"], made["type"]) == (net, "pending", "charge")
    assert made["available_on"] % DAY == 0
    assert 2 * DAY < made["available_on"] - made["created"] <= 3 * DAY
    assert balance() == (net, 0)
    inbox = bench.inbox()
    bench.advance(seconds=made["available_on"] - made["created"] - 1)
    assert balance() == (net, 0)
    bench.advance(seconds=1)
    assert balance() == (0, net)
    assert till.get(f"/v1/balance_transactions/{made['id']}")["status"] == "available"
    assert till.get("/v1/balance_transactions")["data"][0]["status"] == "available"
    assert inbox.types == ["balance.available"]


def test_balance_available_shows_the_balance(till, bench):
    till.paid()
    inbox = bench.inbox("balance.available")
    bench.advance(hours=73)
    shown = inbox.expect("balance.available").event["data"]["object"]
    assert problems("balance", shown) == []
    assert shown["pending"][0]["amount"] == 0


def test_many_sales_of_some_days_and_currencies(till, balance, bench):
    for _ in range(3):
        till.paid(amount=1000)
    till.paid(amount=1000, currency="eur")
    bench.advance(hours=24)
    till.paid(amount=1000)
    net = 1000 - 59
    assert (balance(), balance("eur")) == ((4 * net, 0), (net, 0))
    bench.advance(hours=48)
    assert (balance(), balance("eur")) == ((net, 3 * net), (0, net))
    bench.advance(hours=48)
    assert balance() == (0, 4 * net)


def test_refunds_leave_and_failed_ones_come_back(till, balance, bench):
    paid = till.paid("pm_card_refundFail", amount=1000)
    before = balance()[0]
    till.post("/v1/refunds", payment_intent=paid["id"])
    assert balance()[0] == before - 1000
    bench.advance(hours=1)
    assert balance()[0] == before


def test_what_is_held_is_not_in_the_balance(till, balance):
    held = till.held(amount=1000)
    assert balance() == (0, 0)
    till.post(f"/v1/payment_intents/{held['id']}/capture", amount_to_capture=600)
    assert balance()[0] == 600 - (17 + 30)


def test_lists_and_their_filters(till):
    charge = till.charge(till.paid())
    refund = till.post("/v1/refunds", charge=charge["id"])
    till.paid(currency="eur")
    path = "/v1/balance_transactions"
    assert len(till.listed(path)) == 3
    assert till.listed(path, source=charge["id"]) == [charge["balance_transaction"]]
    assert till.listed(path, type="refund") == [refund["balance_transaction"]]
    assert len(till.listed(path, currency="eur")) == 1
    assert till.api.get(f"{path}/txn_none").status == 404
    assert till.api.get(path, "payout=po_none").error["code"] == "resource_missing"


def test_accounts_do_not_share_a_balance(till, bench):
    till.paid()
    other = bench.call("GET", "/v1/balance", key="sk_test_elsewhere")
    assert other["pending"][0]["amount"] == 0


def test_a_balance_survives_a_snapshot(till, balance, bench):
    till.paid(amount=10_000)
    kept, before = bench.snapshot(), balance()
    till.paid(amount=10_000)
    bench.restore(kept)
    assert balance() == before
    bench.advance(hours=73)
    assert balance() == (0, before[0])


def test_loaded_transactions_count(till, balance, bench):
    now = till.paid(amount=1000, currency="eur")["created"]
    before = balance("eur")
    made = till.get("/v1/balance_transactions")["data"][0]
    loaded = [
        made | {"id": "txn_old", "currency": "usd", "net": 70, "available_on": now - 1, "status": "available"},
        made | {"id": "txn_new", "currency": "usd", "net": 30, "available_on": now + 3600},
    ]
    bench.load(loaded)
    till.paid(amount=1000)
    assert (balance(), balance("eur")) == ((30 + 1000 - 59, 70), before)
    bench.advance(hours=2)
    assert balance() == (1000 - 59, 100)
