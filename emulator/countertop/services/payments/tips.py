"""Tips on the reader: part of the amount once a payment is confirmed (terminal.md §2.6)."""

from __future__ import annotations

from typing import Any

from countertop.api.scope import Document, Scope

COLLECTED = "_collected_tip"
"""Rows ``{id: pi_…, tip}``: what the customer gave when the card was read, until the payment is confirmed."""


def with_tip(intent: Document, tip: int | None) -> Document:
    """A copy of an intent with a tip (minor units) in it; the intent itself when nobody asked for one."""
    if tip is None:
        return intent
    shown = (intent.get("amount_details") or {}) | {"tip": {"amount": tip}}
    return intent | {"amount": intent["amount"] + tip, "amount_details": shown}


def keep(scope: Scope, intent: Document, tip: int | None) -> None:
    """Remember the tip beside a card that was collected."""
    if tip is None:
        scope.tx.delete(scope.account.id, COLLECTED, intent["id"])
    else:
        scope.tx.put(scope.account.id, COLLECTED, {"id": intent["id"], "tip": tip}, created=scope.now)


def peek(scope: Scope, intent: Document) -> int | None:
    """The tip that was collected; None when there was none."""
    if intent["status"] != "requires_confirmation":
        return None
    row = scope.tx.get(scope.account.id, COLLECTED, intent["id"])
    return None if row is None else int(row["tip"])


def take(scope: Scope, intent: Document) -> int | None:
    """The tip that was collected, which is forgotten by that; None when there was none."""
    tip = peek(scope, intent)
    if tip is not None:
        scope.tx.delete(scope.account.id, COLLECTED, intent["id"])
    return tip


def forget(tx: Any, account: str, intent_id: str) -> None:
    """The card was given back, and its tip with it."""
    tx.delete(account, COLLECTED, intent_id)
