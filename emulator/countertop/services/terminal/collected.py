"""Cards that a reader has collected and holds until the payment is confirmed: thirty seconds (terminal.md §2.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from countertop.api.scope import Document, Scope
from countertop.services.payments import tips

if TYPE_CHECKING:
    from countertop.services.rooms import TimerWork
    from countertop.timers import Timers

COLLECTED = "_collected_card"
"""Rows ``{id: pi_…, action, serial, method, tip, canceled, …}``: intents whose card a reader holds."""
WINDOW = "terminal.collected_card"
WINDOW_MS = 30_000


def keep(scope: Scope, timers: Timers, row: Document, method: str, tip: int | None) -> None:
    """Remember the card that ``collect_payment_method`` (its running ``row``) ended with, and when it is forgotten."""
    names = ("action", "owner", "amount", "currency", "allow_redisplay", "skips_tip", "unsupported_networks")
    facts = {"canceled": False, "id": row["intent"], "serial": row["id"], "method": method, "tip": tip}
    scope.tx.put(scope.account.id, COLLECTED, facts | {name: row[name] for name in names}, created=scope.now)
    timers.set(scope.tx, scope.account.id, WINDOW, row["intent"], scope.clock.now_ms() + WINDOW_MS)


def take(scope: Scope, timers: Timers, intent: Document, owner: str | None) -> Document | None:
    """Use a collection up; None when there is none that is still good for this intent and whoever asks."""
    row = scope.tx.get(scope.account.id, COLLECTED, intent["id"])
    if row is None or row["canceled"] or (row["method"], row["owner"]) != (intent["payment_method"], owner):
        return None
    scope.tx.delete(scope.account.id, COLLECTED, intent["id"])
    timers.clear(scope.tx, scope.account.id, WINDOW, intent["id"])
    return row


def cancel(scope: Scope, serial: str) -> list[str]:
    """Void what a device holds; returns the actions that collected it.

    The intents stay as they are until the window ends: cancelling leaves them alone (terminal.md §7, no. 3).
    """
    actions = []
    for name, _ in list(scope.tx.each(scope.account.id, COLLECTED, where={"serial": serial})):
        row = scope.tx.get(scope.account.id, COLLECTED, name)
        if row is not None and not row["canceled"]:
            scope.tx.put(scope.account.id, COLLECTED, row | {"canceled": True}, created=scope.now)
            actions.append(row["action"])
    return actions


def displace(scope: Scope, serial: str) -> None:
    """The device turns to something else: what it held is lost, and the intents want a payment method again (§2.3)."""
    for name, _ in list(scope.tx.each(scope.account.id, COLLECTED, where={"serial": serial})):
        row = scope.tx.get(scope.account.id, COLLECTED, name)
        scope.tx.delete(scope.account.id, COLLECTED, name)
        if row is not None:
            give_back(scope.tx, scope.account.id, name, row["method"])


def discarder() -> TimerWork:
    """The timer's work: a card that nobody confirmed in time is forgotten."""

    def discard(scope: Scope, intent_id: str) -> None:
        row = scope.tx.get(scope.account.id, COLLECTED, intent_id)
        if row is not None:
            scope.tx.delete(scope.account.id, COLLECTED, intent_id)
            give_back(scope.tx, scope.account.id, intent_id, row["method"])

    return discard


def give_back(tx: Any, account: str, intent_id: str, method: str) -> None:
    """The intent wants a payment method again, unless it has moved on from the one that was collected."""
    intent = tx.get(account, "payment_intent", intent_id)
    if intent is None or intent["status"] != "requires_confirmation" or intent["payment_method"] != method:
        return
    tips.forget(tx, account, intent_id)
    changed = intent | {"payment_method": None, "status": "requires_payment_method"}
    tx.put(account, "payment_intent", changed, created=intent["created"])
