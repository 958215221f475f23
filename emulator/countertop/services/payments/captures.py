"""How much of an authorization may be captured, and what happens when that is not enough (terminal.md §2.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countertop.api.errors import card_error, invalid
from countertop.api.scope import Document, Scope
from countertop.services.payments.amounts import check_amount
from countertop.services.payments.scheme_rules import most_capturable

if TYPE_CHECKING:
    from countertop.services.payments.sales import Payments

NOTHING: Document = {}
MOST_INCREMENTS = 10
INCREMENTS = "_increments"
"""Rows ``{id: pi_…, count}``: how often an authorization was to be raised, declined attempts included."""


def capture(
    sales: Payments, scope: Scope, intent: Document, amount: int, param: str, changes: Document = NOTHING
) -> Document:
    """Capture ``amount`` (minor units) of a held intent, with ``changes`` of its members; returns the intent.

    More than was authorized is a tip on the receipt where the scheme allows one; else the authorization is raised
    first, where that is supported.  Raises ApiError 400 for too much, 402 when the issuer does not raise it.
    """
    check_amount(amount, intent["currency"], param)
    charge = scope.fetch("charge", intent["latest_charge"])
    if amount > most_capturable(charge):
        details = charge["payment_method_details"].get("card_present") or {}
        if details.get("overcapture_supported") or not details.get("incremental_authorization_supported"):
            raise invalid(
                "The requested capture amount is greater than the authorized amount.",
                code="amount_too_large",
                param=param,
            )
        raise_authorization(sales, scope, intent, charge, amount)
    return sales.capture(scope, intent | changes, amount)


def raise_authorization(
    sales: Payments, scope: Scope, intent: Document, charge: Document, amount: int, changes: Document | None = None
) -> None:
    """Raise a held authorization to ``amount`` (minor units); intent and charge are raised with it.

    ``changes``: other members of the intent, dropped when the issuer says no.

    Raises ApiError 400 after ten attempts, 402 when the issuer says no: then the old authorization stays.
    """
    row = scope.tx.get(scope.account.id, INCREMENTS, intent["id"]) or {"id": intent["id"], "count": 0}
    if row["count"] >= MOST_INCREMENTS:
        raise invalid(f"This PaymentIntent has reached the maximum of {MOST_INCREMENTS} increments.")
    row["count"] += 1
    scope.tx.put(scope.account.id, INCREMENTS, row, created=scope.now)
    answer = sales.increase(scope, intent, amount, changes or {})
    if not answer.approved:
        raise card_error(
            answer.message or "Your card was declined.",
            "card_declined",
            decline_code=answer.decline_code,
            charge=charge["id"],
            payment_intent=intent,
        )
