"""Refunds at a reader: Interac's only way back (terminal.md §2.7)."""

from __future__ import annotations

import pytest

from countertop.api.errors import ApiError
from countertop.services.payments.in_person_refunds import check_refundable_in_person


@pytest.fixture
def shop(counter):
    return counter("CA")


@pytest.fixture
def paid(till, shop):
    """The charge of an Interac payment of 100 dollars."""
    intent = till.intent(amount=10_000, currency="cad", payment_method_types=["card_present", "interac_present"])
    after, _ = shop.pay(intent, "interac")
    return till.charge(after)


def test_a_whole_refund(till, shop, paid, bench):
    inbox = bench.inbox()
    done = shop.give_back(paid, "interac", 10_000, metadata={"a": "b"}, reason="requested_by_customer")
    assert done.problem is None
    refund = till.get(f"/v1/refunds/{done.refund['id']}")
    assert (refund["amount"], refund["currency"], refund["reason"], refund["metadata"], refund["status"]) == (
        10_000, "cad", "requested_by_customer", {"a": "b"}, "succeeded",
    )  # fmt: skip
    charge = till.get(f"/v1/charges/{paid['id']}")
    assert (charge["refunded"], charge["amount_refunded"]) == (True, 10_000)
    assert inbox.types == ["refund.created", "charge.refunded"]


def test_parts_until_nothing_is_left(till, shop, paid):
    for _ in range(2):
        charge = till.get(f"/v1/charges/{paid['id']}")
        assert check_refundable_in_person(charge, 4000) == 4000
        assert shop.give_back(charge, "interac", 4000).problem is None
    charge = till.get(f"/v1/charges/{paid['id']}")
    assert check_refundable_in_person(charge) == 2000
    with pytest.raises(ApiError):
        check_refundable_in_person(charge, 2001)


def test_another_card_gets_nothing(till, shop, paid, bench):
    inbox = bench.inbox()
    done = shop.give_back(paid, "visa", 1000)
    assert (done.refund, done.problem["code"]) == (None, "charge_not_refundable")
    assert (till.get("/v1/refunds")["data"], inbox.types) == ([], [])


@pytest.mark.parametrize(
    ("cents", "decline_code"),
    [(1, "call_issuer"), (5, "generic_decline"), (55, "incorrect_pin"), (65, "withdrawal_count_limit_exceeded"),
     (75, "pin_try_exceeded")],
)  # fmt: skip
def test_amounts_that_the_issuer_refuses(till, shop, paid, cents, decline_code):
    done = shop.give_back(paid, "interac", 1000 + cents)
    assert (done.refund, done.problem["code"], done.problem["decline_code"]) == (None, "card_declined", decline_code)
    assert till.get(f"/v1/charges/{paid['id']}")["amount_refunded"] == 0


def test_what_was_refunded_while_the_reader_waited(till, shop, paid):
    shop.give_back(paid, "interac", 10_000)
    done = shop.give_back(till.get(f"/v1/charges/{paid['id']}"), "interac", 10_000)
    assert done.problem["code"] == "charge_already_refunded"


def test_other_brands_are_refunded_online(till, shop):
    intent = till.intent(currency="cad", payment_method_types=["card_present", "interac_present"])
    after, _ = shop.pay(intent, "visa")
    with pytest.raises(ApiError) as refused:
        check_refundable_in_person(till.charge(after))
    assert refused.value.code == "charge_not_refundable"
    assert till.post("/v1/refunds", payment_intent=after["id"], amount=1001)["status"] == "succeeded"
