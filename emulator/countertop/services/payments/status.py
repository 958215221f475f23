"""The states of a PaymentIntent, and what each allows (terminal.md §2.6)."""

from __future__ import annotations

from countertop.api.errors import ApiError, invalid
from countertop.api.scope import Document

INTERAC_CAPTURE = ("automatic", "automatic_async")
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


def check_capture(intent: Document) -> None:
    """An ``interac_present`` intent must capture automatically, or prefer manual only (terminal.md §2.7).

    Raises ApiError 400.
    """
    if "interac_present" not in intent["payment_method_types"]:
        return
    present = (intent["payment_method_options"].get("card_present") or {}).get("capture_method")
    if intent["capture_method"] not in INTERAC_CAPTURE and present != "manual_preferred":
        raise invalid(
            "A PaymentIntent with interac_present must use capture_method automatic or automatic_async, or "
            "payment_method_options[card_present][capture_method] manual_preferred.",
            param="capture_method",
        )
