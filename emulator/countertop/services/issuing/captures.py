"""Captures: the merchant takes the money, whatever was held; nothing refuses him (issuing.md §6.7, §6.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countertop.api.scope import Call, Document, Handler, Operations, Scope
from countertop.services.issuing import authorization_objects as objects
from countertop.services.issuing import card_objects, counting, lapse_timers, transaction_objects
from countertop.services.issuing.purchase_details import purchase_details_from
from countertop.services.issuing.rates import share

if TYPE_CHECKING:
    from countertop.services.issuing.room import Issuing

CAPTURABLE = ("pending", "expired")


def operations(room: Issuing) -> Operations:
    """The test helper."""
    return {"POST /v1/test_helpers/issuing/authorizations/{authorization}/capture": _helper(room)}


def capture(
    room: Issuing,
    scope: Scope,
    authorization: Document,
    amount: int | None,
    *,
    merchant_amount: int | None = None,
    close: bool = True,
    purchase_details: Document | None = None,
) -> Document:
    """Take ``amount`` (minor units of the card's currency; None: what is still held, or all of a lapsed one).

    ``merchant_amount``: the same in the merchant's currency, where it is known to the cent; else it is worked out.
    ``close``: nothing more will be captured.  Raises ApiError 400 for an authorization that was declined, or is over.
    """
    if not authorization["approved"] or authorization["status"] not in CAPTURABLE:
        raise objects.wrong_state(authorization, "captured")
    after = authorization | {"pending_request": None}
    held = objects.open_hold(scope, after)
    if amount is None:
        amount = held if after["status"] == "pending" else after["amount"]
    if merchant_amount is None:
        merchant_amount = share(after["merchant_amount"], amount, after["amount"])
    released = held if close else min(held, amount)
    objects.release(scope, after, released, "capture")
    counting.captured(room, scope, after, released, amount)
    card = scope.fetch(card_objects.KIND, after["card"])
    transaction = transaction_objects.new(
        room,
        scope,
        card,
        -amount,
        -merchant_amount,
        after["merchant_currency"],
        after["merchant_data"],
        authorization=after,
        authorization_code=objects.last_code(after),
        purchase_details=purchase_details,
    )
    after["transactions"] = [*after["transactions"], transaction["id"]]
    if close or after["status"] == "expired":
        after["status"] = "closed"
        lapse_timers.clear(room, scope, after)
    return objects.save(scope, after, objects.UPDATED, authorization)


def _helper(room: Issuing) -> Handler:
    def handle(call: Call) -> Document:
        return capture(
            room,
            call,
            objects.of_path(call),
            objects.positive(call.params, "capture_amount"),
            close=call.params.get("close_authorization", True),
            purchase_details=purchase_details_from(call.params.get("purchase_details")),
        )

    return handle
