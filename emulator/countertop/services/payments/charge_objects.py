"""Charges as objects: complete ``payment_method_details`` for every way of paying (terminal.md §2.8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from countertop.api.scope import Document, Scope
from countertop.api.shape import complete
from countertop.network.messages import IssuerResponse
from countertop.services.payments.cards import Card

if TYPE_CHECKING:
    from countertop.services.payments.sales import Place

# Members of a receipt that only a chip can fill; null until one does (terminal.md §2.8).
CHIP_RECEIPT = (
    "account_type",
    "application_cryptogram",
    "application_preferred_name",
    "authorization_response_code",
    "cardholder_verification_method",
    "dedicated_file_name",
    "terminal_verification_results",
    "transaction_status_information",
)


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
    capture_before: int | None


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
            "payment_method_details": _details(sale),
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


def error_of(charge: Document, answer: IssuerResponse, method: Document) -> Document:
    """``last_payment_error`` and the members of the 402: the decline with everything that it is about."""
    assert answer.code is not None, "a decline carries its code"
    error: dict[str, Any] = {
        "charge": charge["id"],
        "code": answer.code,
        "decline_code": answer.decline_code,
        "doc_url": "https://stripe.com/docs/error-codes/" + answer.code.replace("_", "-"),
        "message": answer.message,
        "network_decline_code": answer.response_code,
        "payment_method": method,
        "type": "card_error",
    }
    return error


def _outcome(answer: IssuerResponse) -> Document:
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None if answer.approved else answer.response_code,
        "network_status": "approved_by_network" if answer.approved else "declined_by_network",
        "reason": None if answer.approved else answer.decline_code or answer.code,
        "risk_level": "normal",
        "seller_message": "Payment complete." if answer.approved else "The bank returned a decline.",
        "type": "authorized" if answer.approved else "issuer_declined",
    }


def _details(sale: Sale) -> Document:
    kind = sale.method["type"]
    card = sale.card
    common: Document = {
        "brand": card.brand,
        "country": card.country,
        "exp_month": card.exp_month,
        "exp_year": card.exp_year,
        "fingerprint": card.fingerprint,
        "funding": card.funding,
        "last4": card.last4,
        "network": card.networks[-1] if card.networks else card.brand,
        "network_transaction_id": None,
    }
    if kind == "card":
        typed: Document = common | {
            "amount_authorized": sale.intent["amount"] if sale.answer.approved else None,
            "authorization_code": sale.answer.authorization_code,
            "checks": sale.method["card"]["checks"],
            "installments": None,
            "mandate": None,
            "regulated_status": "unregulated",
            "three_d_secure": None,
            "wallet": None,
        }
        if sale.capture_before is not None:
            typed["capture_before"] = sale.capture_before
        return {"card": typed, "type": "card"}
    read: Document = common | {
        "cardholder_name": card.cardholder_name,
        "emv_auth_data": None,
        "generated_card": None,
        "location": sale.place.location if sale.place else None,
        "preferred_locales": [],
        "read_method": card.read_method,
        "reader": sale.place.reader if sale.place else None,
        "receipt": _receipt(sale),
    }
    if kind == "card_present":
        options = (sale.intent.get("payment_method_options") or {}).get("card_present") or {}
        asked = bool(options.get("request_incremental_authorization_support"))
        read |= {
            "amount_authorized": sale.intent["amount"] if sale.answer.approved else None,
            "brand_product": None,
            "capture_before": sale.capture_before,
            "incremental_authorization_supported": sale.held and asked,
            "offline": {"stored_at": None, "type": None},
            "overcapture_supported": False,
            "wallet": None,
        }
    return {kind: read, "type": kind}


def _receipt(sale: Sale) -> Document | None:
    if sale.card.read_method not in ("contact_emv", "contactless_emv"):
        return None
    receipt: Document = dict.fromkeys(CHIP_RECEIPT)
    receipt["authorization_code"] = sale.answer.authorization_code
    return receipt
