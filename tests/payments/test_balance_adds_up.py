"""Whatever happens, the balance is the sum of its transactions."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from countertop.bench import Bench

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("pay"), st.integers(50, 100_000)),
        st.tuples(st.just("hold"), st.integers(50, 100_000)),
        st.tuples(st.just("capture"), st.integers(1, 100)),
        st.tuples(st.just("refund"), st.integers(1, 100)),
        st.tuples(st.just("wait"), st.integers(0, 100)),
    ),
    max_size=15,
)


def take(bench, step, number, paid, held):
    """One step; shares are percentages of what an earlier intent has."""
    order = {"amount": number, "currency": "usd", "confirm": True}
    if step == "pay":
        card = "pm_card_refundFail" if number % 2 else "pm_card_visa"
        paid.append(bench.call("POST", "/v1/payment_intents", order | {"payment_method": card}))
    elif step == "hold":
        more = {"payment_method": "pm_card_visa", "capture_method": "manual"}
        held.append(bench.call("POST", "/v1/payment_intents", order | more))
    elif step == "capture" and held:
        intent = held.pop()
        amount = max(50, intent["amount"] * number // 100)
        try:
            paid.append(
                bench.call("POST", f"/v1/payment_intents/{intent['id']}/capture", {"amount_to_capture": amount})
            )
        except Exception as refused:  # it may have lapsed meanwhile
            assert "status of canceled" in str(refused)
    elif step == "refund" and paid:
        intent = paid.pop()
        amount = max(1, intent["amount_received"] * number // 100)
        bench.call("POST", "/v1/refunds", {"payment_intent": intent["id"], "amount": amount})
    elif step == "wait":
        bench.advance(hours=number)


@given(steps=STEPS)
@settings(max_examples=40)
def test_the_balance_is_the_sum_of_its_transactions(steps):
    with Bench() as bench:
        paid, held = [], []
        for step, number in steps:
            take(bench, step, number, paid, held)
            balance = bench.call("GET", "/v1/balance")
            rows = bench.call("GET", "/v1/balance_transactions", {"limit": 100})["data"]
            for state in ("pending", "available"):
                assert balance[state][0]["amount"] == sum(row["net"] for row in rows if row["status"] == state)
