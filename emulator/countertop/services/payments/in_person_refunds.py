"""Refunds at a reader: Interac gives money back only to the card that paid, when it is there (terminal.md §2.7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from countertop.api.errors import ApiError, invalid
from countertop.api.scope import Document, Scope
from countertop.services.payments.cards import Card
from countertop.services.payments.charge_objects import error_of
from countertop.services.payments.refund_objects import make_refund, refundable
from countertop.services.payments.sales import Said

if TYPE_CHECKING:
    from countertop.services.payments.sales import Payments

OTHER_CARD = "The card presented is not the card of the payment: a refund goes to the card that paid."


@dataclass(frozen=True, slots=True)
class InPersonRefund:
    """What came of it: the refund, or the problem (``code``, ``message``, ``type`` and what it is about)."""

    refund: Document | None
    problem: Document | None


def check_refundable_in_person(charge: Document, amount: int | None = None) -> int:
    """The amount (minor units) to refund: what is left of the charge, or the part of it that was asked for.

    Raises ApiError 400 for a charge that failed or was not taken by Interac, and for an amount that is not left.
    """
    if charge["status"] != "succeeded":
        raise invalid(f"Charge {charge['id']} did not succeed, so there is nothing to refund.", param="charge")
    details = charge["payment_method_details"] or {}
    if details.get("type") != "interac_present":
        raise invalid(
            "Only Interac payments are refunded in person. Refund this one with the refunds API instead.",
            code="charge_not_refundable",
            param="charge",
        )
    return refundable(charge, amount)


def refund_in_person(
    sales: Payments,
    scope: Scope,
    charge: Document,
    card: Card,
    amount: int,
    *,
    metadata: dict[str, str] | None = None,
    reason: str | None = None,
    said: Said | None = None,
) -> InPersonRefund:
    """Give ``amount`` (minor units) of a charge back to the card that was just read.

    The charge was checked by :func:`check_refundable_in_person`.  A wrong card and an issuer's no are outcomes, not
    exceptions; nothing is written for them.  ``said``: what the issuer has said already, when a chip had to hear it.
    """
    problem = problem_with(charge, card, amount)
    if problem is not None:
        return InPersonRefund(None, problem)
    answer = (said or ask_first(sales, scope, charge, card, amount)).answer
    if not answer.approved:
        method = scope.fetch("payment_method", charge["payment_method"])
        return InPersonRefund(None, error_of(charge, answer, method))
    return InPersonRefund(make_refund(sales.timers, scope, charge, amount, metadata=metadata, reason=reason), None)


def problem_with(charge: Document, card: Card, amount: int) -> Document | None:
    """Why ``amount`` of a charge cannot go back to this card; much can have happened while the reader waited for it."""
    paid = charge["payment_method_details"]["interac_present"]
    if card.fingerprint != paid["fingerprint"]:
        return _problem(charge, "charge_not_refundable", OTHER_CARD)
    try:
        refundable(charge, amount)
    except ApiError as error:
        return _problem(charge, error.code or "charge_not_refundable", error.message)
    return None


def ask_first(sales: Payments, scope: Scope, charge: Document, card: Card, amount: int) -> Said:
    """Ask the issuer about a refund and write nothing yet: the chip has the last word."""
    currency = charge["currency"]
    return Said(charge["id"], sales.ask(scope, "refund", card, amount, currency, charge["id"]), amount, currency)


def _problem(charge: Document, code: str, message: str) -> Document:
    return {"charge": charge["id"], "code": code, "message": message, "type": "invalid_request_error"}
