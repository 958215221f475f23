"""Reversals: the merchant lets go of what was held, all of it or a part (issuing.md §6.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countertop.api.errors import invalid
from countertop.api.scope import Call, Document, Handler, Operations, Scope
from countertop.services.issuing import authorization_objects as objects
from countertop.services.issuing import counting, lapse_timers
from countertop.services.issuing.rates import share

if TYPE_CHECKING:
    from countertop.services.issuing.room import Issuing


def operations(room: Issuing) -> Operations:
    """The test helper."""
    return {"POST /v1/test_helpers/issuing/authorizations/{authorization}/reverse": _helper(room)}


def reverse(room: Issuing, scope: Scope, authorization: Document, amount: int | None) -> Document:
    """Release ``amount`` of what is held, minor units; None for all of it.

    With nothing left the authorization is reversed, or closed when a part of it was captured.  Raises ApiError 400 for
    one that is not pending, and for more than is held.
    """
    objects.require_open(authorization, "reversed")
    held = objects.open_hold(scope, authorization)
    if amount is None:
        amount = held
    if amount > held:
        raise invalid(
            f"The amount to reverse ({amount}) is more than the open amount of this authorization ({held}).",
            param="reverse_amount",
        )
    after = authorization | {"pending_request": None}
    objects.release(scope, after, amount, "reversal")
    counting.spend(scope, after, -amount)
    remaining = after["amount"] - amount
    after["merchant_amount"] = share(after["merchant_amount"], remaining, after["amount"]) if remaining else 0
    after["amount"] = remaining
    if amount == held:
        after["status"] = "closed" if after["transactions"] else "reversed"
        lapse_timers.clear(room, scope, after)
    return objects.save(scope, after, objects.UPDATED, authorization)


def _helper(room: Issuing) -> Handler:
    def handle(call: Call) -> Document:
        return reverse(room, call, objects.of_path(call), objects.positive(call.params, "reverse_amount"))

    return handle
