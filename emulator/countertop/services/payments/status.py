"""The states of a PaymentIntent, and what each allows (terminal.md §2.6)."""

from __future__ import annotations

from countertop.api.errors import ApiError
from countertop.api.scope import Document

CANCELABLE = ("requires_payment_method", "requires_capture", "requires_confirmation", "requires_action", "processing")
CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")


def unexpected(intent: Document, verb: str, allowed: tuple[str, ...]) -> ApiError:
    """400: the intent's state does not allow this; the error carries the intent."""
    states = ", ".join(allowed)
    return ApiError(
        400,
        "invalid_request_error",
        f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}. "
        f"Only a PaymentIntent with one of the following statuses may be {_past(verb)}: {states}.",
        code="payment_intent_unexpected_state",
        extra={"payment_intent": intent},
    )


def _past(verb: str) -> str:
    return {"cancel": "canceled", "capture": "captured", "confirm": "confirmed", "update": "updated"}.get(verb, verb)
