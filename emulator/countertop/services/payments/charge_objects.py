"""Charges as objects, and the errors that a declined one leaves behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from countertop.api.scope import Document, Scope
from countertop.api.shape import complete
from countertop.network.messages import IssuerResponse
from countertop.services.payments.cards import Card
from countertop.services.payments.method_details import Terms, details

if TYPE_CHECKING:
    from countertop.services.payments.sales import Place


@dataclass(frozen=True, slots=True)
class Sale:
    """All that a charge is made from."""

    charge_id: str
    intent: Document
    card: Card
    method: Document
    place: Place | None
    answer: IssuerResponse
    held: bool
    terms: Terms


def build(scope: Scope, sale: Sale) -> Document:
    """The charge of an authorization that was answered."""
    intent, answer = sale.intent, sale.answer
    captured = answer.approved and not sale.held
    return complete(
        "charge",
        {
            "id": sale.charge_id,
            "object": "charge",
            "amount": intent["amount"],
            "amount_captured": intent["amount"] if captured else 0,
            "amount_refunded": 0,
            "application_fee_amount": intent.get("application_fee_amount"),
            "balance_transaction": None,
            "billing_details": sale.method["billing_details"],
            "calculated_statement_descriptor": intent.get("statement_descriptor") or scope.account.statement_descriptor,
            "captured": captured,
            "created": scope.now,
            "currency": intent["currency"],
            "customer": intent["customer"],
            "description": intent["description"],
            "disputed": False,
            "failure_code": None if answer.approved else answer.code,
            "failure_message": None if answer.approved else answer.message,
            "fraud_details": {},
            "livemode": False,
            "metadata": dict(intent["metadata"]),
            "on_behalf_of": intent.get("on_behalf_of"),
            "outcome": _outcome(answer),
            "paid": answer.approved,
            "payment_intent": intent["id"],
            "payment_method": sale.method["id"],
            "payment_method_details": details(sale.method["type"], sale.card, sale.method, sale.place, sale.terms),
            "receipt_email": intent.get("receipt_email"),
            "receipt_url": f"https://pay.stripe.com/receipts/payment/{sale.charge_id}" if answer.approved else None,
            "refunded": False,
            "shipping": intent.get("shipping"),
            "statement_descriptor": intent.get("statement_descriptor"),
            "statement_descriptor_suffix": intent.get("statement_descriptor_suffix"),
            "status": "succeeded" if answer.approved else "failed",
            "transfer_group": intent.get("transfer_group"),
        },
    )


def error_of(charge: Document | None, answer: IssuerResponse, method: Document) -> Document:
    """``last_payment_error`` and the members of the 402: the decline with everything that it is about."""
    assert answer.code is not None, "a decline carries its code"
    about: dict[str, Any] = {"charge": charge["id"]} if charge is not None else {}
    return about | {
        "code": answer.code,
        "decline_code": answer.decline_code,
        "doc_url": "https://stripe.com/docs/error-codes/" + answer.code.replace("_", "-"),
        "message": answer.message,
        **({"network_decline_code": answer.response_code} if answer.sent else {}),
        "payment_method": method,
        "type": "card_error",
    }


def _outcome(answer: IssuerResponse) -> Document:
    outcome: Document = {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "approved_by_network",
        "reason": None,
        "risk_level": "normal",
        "seller_message": "Payment complete.",
        "type": "authorized",
    }
    if not answer.approved:
        outcome |= {
            "network_decline_code": answer.response_code if answer.sent else None,
            "network_status": "declined_by_network" if answer.sent else "not_sent_to_network",
            "reason": answer.decline_code or answer.code,
            "seller_message": "The bank returned a decline." if answer.sent else "The payment was not sent to a bank.",
            "type": "issuer_declined" if answer.sent else "blocked",
        }
    return outcome
