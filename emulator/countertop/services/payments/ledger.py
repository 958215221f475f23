"""Balance transactions: what a charge or a refund does to the account's balance.

Fees are an assumption (docs/assumptions.md): 2.7 % + 5 minor units in person, 2.9 % + 30 for a card typed in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from countertop.api.scope import Document, Scope
from countertop.api.shape import complete
from countertop.services.payments import balance

if TYPE_CHECKING:
    from countertop.timers import Timers

KIND = balance.TRANSACTION
IN_PERSON = (270, 5)
TYPED_IN = (290, 30)


def fee_of(amount: int, method_type: str) -> int:
    """The fee on ``amount`` minor units, rounded half up: basis points and a fixed part by how the card was used."""
    basis_points, fixed = TYPED_IN if method_type == "card" else IN_PERSON
    return (amount * basis_points + 5_000) // 10_000 + fixed


def for_charge(timers: Timers, scope: Scope, charge: Document) -> Document:
    """Write the transaction of a captured charge."""
    amount = charge["amount_captured"]
    fee = fee_of(amount, charge["payment_method_details"]["type"])
    return _write(timers, scope, amount, fee, "charge", charge)


def for_refund(timers: Timers, scope: Scope, refund: Document) -> Document:
    """Write the transaction of a refund: the amount goes, the fee stays with the platform."""
    return _write(timers, scope, -refund["amount"], 0, "refund", refund)


def for_failed_refund(timers: Timers, scope: Scope, refund: Document) -> Document:
    """Write the transaction that gives a failed refund's money back to the account."""
    return _write(timers, scope, refund["amount"], 0, "refund_failure", refund)


def _write(timers: Timers, scope: Scope, amount: int, fee: int, kind: str, source: Document) -> Document:
    details = [
        {
            "amount": fee,
            "application": None,
            "currency": source["currency"],
            "description": "Stripe processing fees",
            "type": "stripe_fee",
        }
    ]
    transaction = {
        "id": scope.new_id(KIND),
        "object": KIND,
        "amount": amount,
        "available_on": balance.available_on(scope.now),
        "balance_type": "payments",
        "created": scope.now,
        "currency": source["currency"],
        "description": source.get("description"),
        "exchange_rate": None,
        "fee": fee,
        "fee_details": details if fee else [],
        "net": amount - fee,
        "reporting_category": kind,
        "source": source["id"],
        "status": "pending",
        "type": kind,
    }
    balance.book(timers, scope, source["currency"], amount - fee)
    return scope.save(complete(KIND, transaction))


def as_of_now(scope: Scope, transaction: Document) -> Document:
    """A transaction as it is shown now: available once its day has come."""
    settled = transaction["status"] == "pending" and transaction["available_on"] <= scope.now
    return transaction | {"status": "available"} if settled else transaction
