"""What Stripe checks before anybody is asked: steps 1 to 8 of an authorization (issuing.md §6.5)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from countertop.services.issuing import fraud_challenges, issuing_balance, spending_controls

if TYPE_CHECKING:
    from countertop.api.scope import Document, Scope
    from countertop.services.issuing.asked import Asked
    from countertop.services.issuing.room import Issuing

METHOD_REFUSALS = ("insecure_authorization_method", "not_allowed", "pin_blocked")
DECLINING_CHECKS = ("cvc_check", "expiry_check")


def reason_against(
    room: Issuing, scope: Scope, card: Document, cardholder: Document, asked: Asked, already: int = 0
) -> str | None:
    """The reason to decline what is asked, of ``request_history[].reason``; None when nothing speaks against it.

    ``already``: minor units that the same authorization has been given before.
    """
    settings = room.settings(scope)
    if not settings.enabled:
        return "account_disabled"
    reason = _of_card(scope, card) or _of_cardholder(cardholder) or _of_method(scope, asked)
    if reason is not None:
        return reason
    if _is_unverified(asked):
        return "verification_failed"
    if fraud_challenges.is_suspected(scope, card, asked):
        return fraud_challenges.REASON
    if not spending_controls.allow(scope, card, cardholder, asked, already, settings.rates):
        return "spending_controls"
    return None if covers(scope, asked.amount, asked.currency) else "insufficient_funds"


def covers(scope: Scope, amount: int, currency: str) -> bool:
    """Whether the Issuing balance covers an amount; an amount of nothing always is."""
    return amount == 0 or issuing_balance.available(scope, currency) >= amount


def _of_card(scope: Scope, card: Document) -> str | None:
    if card["status"] != "active":
        return f"card_{card['status']}"
    today = datetime.fromtimestamp(scope.now, UTC)
    return "card_expired" if (today.year, today.month) > (card["exp_year"], card["exp_month"]) else None


def _of_cardholder(cardholder: Document) -> str | None:
    if cardholder["status"] != "active":
        return f"cardholder_{cardholder['status']}"
    return "cardholder_verification_required" if cardholder["requirements"]["disabled_reason"] else None


def _of_method(scope: Scope, asked: Asked) -> str | None:
    if asked.refusal in METHOD_REFUSALS:
        return asked.refusal
    if asked.token is None:
        return None
    token = scope.get("issuing.token", asked.token)
    return None if token is not None and token["status"] == "active" else "not_allowed"


def _is_unverified(asked: Asked) -> bool:
    data = asked.verification_data
    if asked.refusal is not None or any(data.get(name) == "mismatch" for name in DECLINING_CHECKS):
        return True
    return (data.get("three_d_secure") or {}).get("result") == "failed"
