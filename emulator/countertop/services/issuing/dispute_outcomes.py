"""How disputes end: as the explanation asks for, a moment after they were submitted, or by time (issuing.md §8.3)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import orjson

from countertop.api.errors import invalid
from countertop.services.issuing import dispute_evidence, provisional_credits, transaction_objects
from countertop.services.issuing import dispute_objects as objects

if TYPE_CHECKING:
    from countertop.api.scope import Call, Document, Operations, Scope
    from countertop.services.issuing.room import Issuing
    from countertop.services.rooms import TimerWork

OUTCOME, EXPIRY = "issuing.dispute_outcome", "issuing.dispute_expiry"
DECIDED_AFTER_MS = 3_000
WINNING, LOSING = "winning_evidence", "losing_evidence"
# So many disputes of one card for fraud, in so many days, are what the network takes.
MOST_FRAUDULENT, FRAUD_DAYS = 35, 120
TOO_MANY = "excess_disputes_in_timeframe"
LOSS_REASONS: Mapping[str, str] = MappingProxyType(
    {
        "canceled": "not_cancelled",
        "duplicate": "invalid_duplicate_dispute",
        "fraudulent": "transaction_authorized",
        "merchandise_not_as_described": "merchandise_or_service_as_described",
        "no_valid_authorization": "invalid_no_authorization",
        "not_received": "merchandise_delivered_or_shipped",
        "other": "other",
        "service_not_as_described": "merchandise_or_service_as_described",
    }
)
"""Reason of a dispute → why it is lost when losing is asked for (assumed)."""


def operations(_room: Issuing) -> Operations:
    """The test helper that speaks for the network (a preview)."""
    return {"POST /v1/test_helpers/issuing/disputes/{dispute}/close": close_now}


def timers(_room: Issuing) -> dict[str, TimerWork]:
    """The network's word, and the end of the time to submit."""
    return {OUTCOME: decide, EXPIRY: expire}


def decide_later(room: Issuing, scope: Scope, dispute: Document) -> None:
    """A dispute was submitted: it is decided soon, when its explanation says how."""
    room.timers.clear(scope.tx, scope.account.id, EXPIRY, dispute["id"])
    if _outcome_of(scope, dispute) is not None:
        due_ms = scope.clock.now_ms() + DECIDED_AFTER_MS
        room.timers.set(scope.tx, scope.account.id, OUTCOME, dispute["id"], due_ms)


def expire_later(room: Issuing, scope: Scope, dispute: Document, transaction: Document) -> None:
    """A dispute was made: it can be submitted until its time is over."""
    due_s = transaction["created"] + objects.DAYS * objects.DAY_S
    room.timers.set(scope.tx, scope.account.id, EXPIRY, dispute["id"], due_s * 1000)


def decide(scope: Scope, dispute_id: str) -> None:
    """The timer's work: the network has decided."""
    dispute = scope.get(objects.KIND, dispute_id)
    if dispute is None or dispute["status"] != "submitted":
        return
    lost_by = _outcome_of(scope, dispute)
    if lost_by is not None:
        close(scope, dispute, lost_by)


def close_now(call: Call) -> Document:
    """POST …/close: a submitted dispute ends as it is told to."""
    dispute = objects.of_path(call)
    if dispute["status"] != "submitted":
        raise invalid(f"The dispute {dispute['id']} is {dispute['status']} and cannot be closed.")
    won = call.params["status"] == "won"
    return close(call, dispute, "" if won else LOSS_REASONS[dispute["evidence"]["reason"]])


def close(scope: Scope, dispute: Document, lost_by: str) -> Document:
    """Close a submitted dispute: lost for this ``loss_reason``, or won for an empty one, with the money back.

    A provisional credit is taken back by a loss, and is the money of a win.
    """
    if lost_by:
        lost = objects.save(scope, dispute | {"loss_reason": lost_by, "status": "lost"}, objects.CLOSED)
        return provisional_credits.take_back(scope, lost)
    won = dispute | {"status": "won"}
    if provisional_credits.credited(scope, dispute):
        return objects.save(scope, won, objects.CLOSED)
    won = objects.save(
        scope, objects.book(scope, won, "issuing_dispute", dispute["amount"], "Dispute won"), objects.CLOSED
    )
    scope.emit(objects.REINSTATED, objects.in_event(scope, won))
    return won


def expire(scope: Scope, dispute_id: str) -> None:
    """The timer's work: nobody submitted it in time."""
    dispute = scope.get(objects.KIND, dispute_id)
    if dispute is not None and dispute["status"] == "unsubmitted":
        objects.save(scope, dispute | {"status": "expired"}, objects.CLOSED)


def _outcome_of(scope: Scope, dispute: Document) -> str | None:
    """Why a dispute is lost; empty when it is won, None when nobody will ever say."""
    reason = dispute["evidence"]["reason"]
    if reason == "fraudulent" and _fraudulent_before(scope, dispute) >= MOST_FRAUDULENT:
        return TOO_MANY
    explanation = dispute_evidence.explanation_of(dispute["evidence"])
    return {WINNING: "", LOSING: LOSS_REASONS[reason]}.get(explanation)


def _fraudulent_before(scope: Scope, dispute: Document) -> int:
    """How many other disputes for fraud were submitted for the same card lately."""
    card = _card_of(scope, dispute)
    since = scope.now - FRAUD_DAYS * objects.DAY_S
    count = 0
    where = {"status": ("submitted", "won", "lost"), "evidence.reason": "fraudulent"}
    for name, body in scope.tx.each(scope.account.id, objects.KIND, where=where):
        other = orjson.loads(body)
        if other["created"] < since:
            break
        count += name != dispute["id"] and _card_of(scope, other) == card
    return count


def _card_of(scope: Scope, dispute: Document) -> str:
    return str(scope.fetch(transaction_objects.KIND, dispute["transaction"])["card"])
