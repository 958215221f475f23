"""Transactions: captures take money from the Issuing balance, refunds bring it back (issuing.md §8.0)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countertop.api.scope import Call, Document, Scope
from countertop.api.shape import complete
from countertop.services.issuing import issuing_balance, settlements
from countertop.services.issuing.room import save_shown

if TYPE_CHECKING:
    from countertop.services.issuing.room import Issuing

KIND = "issuing.transaction"
INCLUDED = "purchase_details"
DESCRIPTIONS = {"capture": "Captured card transaction", "refund": "Refunded card transaction"}


def show(scope: Scope, transaction: Document) -> Document:
    """A stored transaction as the API shows it: purchase details only where ``expand`` names them."""
    return transaction if _asks_for_details(scope) else in_event(scope, transaction)


def in_event(_scope: Scope, transaction: Document) -> Document:
    """A stored transaction as events show it: never with what has to be asked for."""
    return {name: value for name, value in transaction.items() if name != INCLUDED}


def new(
    room: Issuing,
    scope: Scope,
    card: Document,
    amount: int,
    merchant_amount: int,
    merchant_currency: str,
    merchant_data: Document,
    *,
    authorization: Document | None = None,
    authorization_code: str | None = None,
    purchase_details: Document | None = None,
) -> Document:
    """Write a transaction, its balance transaction and its event.

    Amounts are negative for a capture and positive for a refund, minor units of the card's and the merchant's
    currency.
    """
    made_by = authorization or {}
    network = made_by.get("network_data") or {}
    transaction: Document = {
        "id": scope.new_id(KIND),
        "object": KIND,
        "amount": amount,
        "amount_details": made_by.get("amount_details") or {"atm_fee": None, "cashback_amount": 0},
        "authorization": made_by.get("id"),
        "card": card["id"],
        "cardholder": card["cardholder"],
        "created": scope.now,
        "currency": card["currency"],
        "livemode": False,
        "merchant_amount": merchant_amount,
        "merchant_currency": merchant_currency,
        "merchant_data": merchant_data,
        "network_data": {
            "authorization_code": authorization_code,
            "processing_date": datetime.fromtimestamp(scope.now, UTC).date().isoformat(),
            "transaction_id": network.get("transaction_id") or f"test_{scope.ids.digits(15)}",
        },
        "token": made_by.get("token"),
        "type": "capture" if amount < 0 else "refund",
        "wallet": made_by.get("wallet"),
    }
    description = DESCRIPTIONS[transaction["type"]]
    booked = issuing_balance.book(
        scope, "issuing_transaction", amount, card["currency"], transaction["id"], description
    )
    transaction["balance_transaction"] = booked["id"]
    if purchase_details is not None:
        transaction[INCLUDED] = purchase_details
    whole = complete(KIND, transaction)
    save(scope, whole, "issuing_transaction.created")
    if purchase_details is not None and purchase_details["receipt"]:
        scope.emit("issuing_transaction.purchase_details_receipt_updated", in_event(scope, whole))
    settlements.count(room, scope, whole)
    return whole


def save(scope: Scope, transaction: Document, event: str | None, before: Document | None = None) -> None:
    """Write a transaction and, when named, its event."""
    save_shown(scope, in_event, transaction, event, before)


def _asks_for_details(scope: Scope) -> bool:
    if not isinstance(scope, Call) or scope.plan is None:
        return False
    return any(path.rpartition(".")[2] == INCLUDED for path in scope.plan.paths)
