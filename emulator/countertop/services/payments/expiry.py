"""Authorizations that are not captured in time end by themselves (terminal.md §2.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countertop.api.scope import Scope

if TYPE_CHECKING:
    from countertop.services.payments.sales import Payments
    from countertop.services.rooms import TimerWork

AUTHORIZATION_EXPIRY = "payment.authorization_expiry"
DAY_S = 86_400
IN_PERSON_DAYS, TYPED_IN_DAYS = 2, 7
WINDOW_DAYS = {"visa": 5}


def capture_window_s(brand: str, *, in_person: bool) -> int:
    """How long an authorization can be captured, in seconds: in person two days, for Visa five; typed in, a week."""
    days = WINDOW_DAYS.get(brand, IN_PERSON_DAYS) if in_person else TYPED_IN_DAYS
    return days * DAY_S


def expirer(sales: Payments) -> TimerWork:
    """The timer's work: cancel an intent that is still waiting for its capture."""

    def expire(scope: Scope, intent_id: str) -> None:
        intent = scope.get("payment_intent", intent_id)
        if intent is not None and intent["status"] == "requires_capture":
            sales.release(scope, intent, "automatic")

    return expire
