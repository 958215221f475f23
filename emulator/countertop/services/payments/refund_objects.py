"""What every refund does, however it came about: the object, the ledger, the charge, the events (terminal.md §2.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countertop.api.errors import invalid
from countertop.api.scope import Document, Scope
from countertop.api.shape import complete
from countertop.services.changes import merge_metadata
from countertop.services.payments import ledger

if TYPE_CHECKING:
    from countertop.timers import Timers

KIND = "refund"


def refundable(charge: Document, given: int | None) -> int:
    """The amount (minor units) that a refund of a charge is about: what is left, or the ``given`` part of that.

    Raises ApiError 400 for a charge that cannot be refunded, and for an amount that is not left.
    """
    if not charge["captured"]:
        raise invalid(
            f"Charge {charge['id']} has not been captured: cancel its PaymentIntent instead of refunding it.",
            param="charge",
        )
    released = charge["amount"] - charge["amount_captured"]
    left: int = charge["amount_captured"] - (charge["amount_refunded"] - released)
    if left <= 0:
        raise invalid(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount = left if given is None else given
    if amount < 1:
        raise invalid(
            "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param="amount"
        )
    if amount > left:
        raise invalid(f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", param="amount")
    return amount


def make_refund(
    timers: Timers,
    scope: Scope,
    charge: Document,
    amount: int,
    *,
    metadata: dict[str, str] | str | None,
    reason: str | None,
) -> Document:
    """Write a refund that its issuer took; the charge counts it."""
    refund: Document = complete(
        KIND,
        {
            "id": scope.new_id(KIND),
            "object": KIND,
            "amount": amount,
            "charge": charge["id"],
            "created": scope.now,
            "currency": charge["currency"],
            "destination_details": {
                "card": {
                    "reference": scope.ids.digits(11),
                    "reference_status": "available",
                    "reference_type": "acquirer_reference_number",
                    "type": "refund",
                },
                "type": "card",
            },
            "metadata": merge_metadata({}, metadata),
            "payment_intent": charge["payment_intent"],
            "reason": reason,
            "status": "succeeded",
        },
    )
    refund["balance_transaction"] = ledger.for_refund(timers, scope, refund)["id"]
    before = dict(charge)
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] >= charge["amount"]
    scope.save(refund, "refund.created")
    scope.save(charge, "charge.refunded", before)
    return refund
