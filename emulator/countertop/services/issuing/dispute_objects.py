"""Disputes of captures as stored and as shown, and how long there is for one (issuing.md §8.2, §8.3)."""

from __future__ import annotations

from countertop.api.scope import Call, Document, Scope
from countertop.services.issuing import issuing_balance
from countertop.services.issuing.room import save_shown
from countertop.services.payments.balance import TRANSACTION

KIND = "issuing.dispute"
CREATED, UPDATED = "issuing_dispute.created", "issuing_dispute.updated"
SUBMITTED, CLOSED = "issuing_dispute.submitted", "issuing_dispute.closed"
REINSTATED, RESCINDED = "issuing_dispute.funds_reinstated", "issuing_dispute.funds_rescinded"
INCLUDED = "balance_transactions"
DAY_S = 86_400
# Visa's: after the capture, for most reasons, and for what was not authorized.
DAYS, DAYS_UNAUTHORIZED = 110, 65


def show(scope: Scope, dispute: Document) -> Document:
    """A stored dispute as the API shows it: the money that it moved only where ``expand`` names it."""
    shown = in_event(scope, dispute)
    if isinstance(scope, Call) and (scope.expands(INCLUDED) or scope.expands(f"data.{INCLUDED}")):
        shown[INCLUDED] = [scope.fetch(TRANSACTION, name) for name in dispute[INCLUDED]]
    return shown


def in_event(_scope: Scope, dispute: Document) -> Document:
    """A stored dispute as events show it."""
    return {name: value for name, value in dispute.items() if name != INCLUDED}


def save(scope: Scope, dispute: Document, event: str | None, before: Document | None = None) -> Document:
    """Write a dispute and, when named, its event."""
    save_shown(scope, in_event, dispute, event, before)
    return dispute


def of_path(call: Call) -> Document:
    """The dispute that a call's path names.  Raises ApiError 404."""
    return call.fetch(KIND, call.path["dispute"], param="dispute", in_path=True)


def book(scope: Scope, dispute: Document, kind: issuing_balance.Kind, amount: int, description: str) -> Document:
    """A copy of a dispute that moved money of the Issuing balance; it is not written."""
    booked = issuing_balance.book(scope, kind, amount, dispute["currency"], dispute["id"], description)
    return dispute | {INCLUDED: [*dispute[INCLUDED], booked["id"]]}


def is_late(scope: Scope, transaction: Document, reason: str) -> bool:
    """Whether the time to dispute a capture for this reason is over."""
    days = DAYS_UNAUTHORIZED if reason == "no_valid_authorization" else DAYS
    return scope.now >= int(transaction["created"]) + days * DAY_S
