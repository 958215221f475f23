"""Authorizations that are not captured in time end by themselves (terminal.md §2.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countertop.api.scope import Scope

if TYPE_CHECKING:
    from countertop.services.payments.sales import Payments
    from countertop.services.rooms import TimerWork

AUTHORIZATION_EXPIRY = "payment.authorization_expiry"


def expirer(sales: Payments) -> TimerWork:
    """The timer's work: cancel an intent that is still waiting for its capture."""

    def expire(scope: Scope, intent_id: str) -> None:
        intent = scope.get("payment_intent", intent_id)
        if intent is not None and intent["status"] == "requires_capture":
            sales.release(scope, intent, "automatic")

    return expire
