"""Refunds, charges and the ledger (terminal.md §2.7)."""

from __future__ import annotations

import pytest

INTENTS = "/v1/payment_intents"


def test_a_whole_refund(till, bench):
    paid = till.paid()
    inbox = bench.inbox()
    refund = till.post("/v1/refunds", payment_intent=paid["id"], reason="requested_by_customer")
    assert (refund["amount"], refund["currency"], refund["status"]) == (1250, "usd", "succeeded")
    assert (refund["charge"], refund["payment_intent"]) == (paid["latest_charge"], paid["id"])
    charge = till.charge(paid)
    assert (charge["refunded"], charge["amount_refunded"]) == (True, 1250)
    assert inbox.types == ["refund.created", "charge.refunded"]
    assert till.refused("/v1/refunds", charge=paid["latest_charge"]) == (400, "charge_already_refunded")


def test_refunds_in_parts_up_to_what_is_left(till):
    paid = till.paid()
    first = till.post("/v1/refunds", charge=paid["latest_charge"], amount=500)
    assert till.charge(paid)["refunded"] is False
    assert till.refused("/v1/refunds", charge=paid["latest_charge"], amount=751)[0] == 400
    second = till.post("/v1/refunds", charge=paid["latest_charge"])
    assert second["amount"] == 750
    assert till.charge(paid)["refunded"] is True
    assert till.listed("/v1/refunds", payment_intent=paid["id"]) == [second["id"], first["id"]]
    assert till.listed("/v1/refunds", charge=till.paid()["latest_charge"]) == []


def test_only_what_was_captured_can_be_refunded(till):
    held = till.held()
    captured = till.post(f"{INTENTS}/{held['id']}/capture", amount_to_capture=1000)
    assert till.refused("/v1/refunds", payment_intent=captured["id"], amount=1001)[0] == 400
    assert till.post("/v1/refunds", payment_intent=captured["id"])["amount"] == 1000
    charge = till.charge(captured)
    assert (charge["refunded"], charge["amount_refunded"]) == (True, 1250)


@pytest.mark.parametrize("amount", [0, -5])
def test_no_refund_of_nothing(till, amount):
    assert till.refused("/v1/refunds", charge=till.paid()["latest_charge"], amount=amount) == (
        400,
        "parameter_invalid_integer",
    )


def test_what_was_never_taken_cannot_be_refunded(till, api):
    assert till.refused("/v1/refunds", payment_intent=till.intent()["id"])[0] == 400
    assert till.refused("/v1/refunds", payment_intent=till.held()["id"])[0] == 400
    assert till.refused("/v1/refunds", charge="ch_none") == (400, "resource_missing")
    assert till.refused("/v1/refunds") == (400, "parameter_missing")
    declined = api.post(INTENTS, "amount=1250&currency=usd&confirm=true&payment_method=pm_card_charge_declined").error[
        "charge"
    ]
    assert till.refused("/v1/refunds", charge=declined)[0] == 400


def test_a_refund_that_fails_later_gives_the_money_back(till, bench):
    paid = till.paid("pm_card_refund_fail")
    refund = till.post("/v1/refunds", payment_intent=paid["id"])
    assert refund["status"] == "succeeded"
    inbox = bench.inbox()
    bench.advance(hours=1)
    failed = till.get(f"/v1/refunds/{refund['id']}")
    assert (failed["status"], failed["failure_reason"]) == ("failed", "expired_or_canceled_card")
    back = till.get(f"/v1/balance_transactions/{failed['failure_balance_transaction']}")
    assert (back["amount"], back["type"]) == (1250, "refund_failure")
    assert "refund.failed" in inbox.types
    charge = till.charge(paid)
    assert (charge["refunded"], charge["amount_refunded"]) == (False, 0)


def test_a_refund_takes_metadata_and_cannot_be_canceled(till):
    refund = till.post("/v1/refunds", payment_intent=till.paid()["id"], metadata={"a": "b"})
    changed = till.post(f"/v1/refunds/{refund['id']}", metadata={"c": "d"})
    assert changed["metadata"] == {"a": "b", "c": "d"}
    assert till.refused(f"/v1/refunds/{refund['id']}/cancel")[0] == 400


# --- charges and the ledger ---------------------------------------------------------------------------------------


def test_charge_filters(till):
    customer = till.post("/v1/customers", name="Jenny")["id"]
    first, second = till.paid(customer=customer), till.paid()
    assert till.listed("/v1/charges") == [second["latest_charge"], first["latest_charge"]]
    assert till.listed("/v1/charges", customer=customer) == [first["latest_charge"]]
    assert till.listed("/v1/charges", payment_intent=second["id"]) == [second["latest_charge"]]
    assert till.listed(INTENTS, customer=customer) == [first["id"]]


def test_a_charge_takes_notes(till):
    charge = till.paid()["latest_charge"]
    changed = till.post(f"/v1/charges/{charge}", description="A book", metadata={"isbn": "1"})
    assert (changed["description"], changed["metadata"]) == ("A book", {"isbn": "1"})


def test_the_ledger_of_a_sale_and_its_refund(till):
    paid = till.paid()
    charge = till.charge(paid)
    taken = till.get(f"/v1/balance_transactions/{charge['balance_transaction']}")
    assert (taken["amount"], taken["type"], taken["source"]) == (1250, "charge", charge["id"])
    assert taken["fee"] > 0
    assert taken["net"] == taken["amount"] - taken["fee"]
    assert sum(part["amount"] for part in taken["fee_details"]) == taken["fee"]
    refund = till.post("/v1/refunds", payment_intent=paid["id"])
    given = till.get(f"/v1/balance_transactions/{refund['balance_transaction']}")
    assert (given["amount"], given["fee"], given["net"], given["type"]) == (-1250, 0, -1250, "refund")


def test_a_held_charge_has_no_balance_transaction_until_it_is_captured(till):
    held = till.held()
    assert till.charge(held)["balance_transaction"] is None
    captured = till.post(f"{INTENTS}/{held['id']}/capture", amount_to_capture=1000)
    written = till.get(f"/v1/balance_transactions/{till.charge(captured)['balance_transaction']}")
    assert written["amount"] == 1000
