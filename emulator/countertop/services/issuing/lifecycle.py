"""Cards that end by themselves after so many payments (issuing.md §3.9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countertop.api.scope import Scope
from countertop.services.issuing import cards

if TYPE_CHECKING:
    from countertop.services.issuing.room import Issuing

ROWS = "_issued_payments"
"""Rows ``{id: ic_…, count}``: the payments of cards that count them."""


def count_payment(room: Issuing, scope: Scope, card_id: str, amount: int) -> None:
    """One more payment; the last one cancels the card.  Payments of nothing do not count."""
    card = cards.fetch(scope, card_id)
    ending = (card["lifecycle_controls"] or {}).get("cancel_after")
    if not amount or not ending:
        return
    row = scope.tx.get(scope.account.id, ROWS, card_id) or {"id": card_id, "count": 0}
    row["count"] += 1
    scope.tx.put(scope.account.id, ROWS, row, created=scope.now)
    if row["count"] >= ending["payment_count"] and card["status"] != "canceled":
        cards.cancel(room, scope, card, None)
