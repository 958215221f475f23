"""``payment_method_details``: how a card paid, member by member (terminal.md §2.8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from countertop.api.scope import Document
from countertop.services.payments.cards import Card, product_of, wallet_member
from countertop.services.payments.networks import NO_NETWORK

if TYPE_CHECKING:
    from countertop.services.payments.sales import Place

# Members of a receipt that only a chip can fill.
FROM_CHIP = (
    "application_cryptogram",
    "application_preferred_name",
    "authorization_response_code",
    "dedicated_file_name",
    "terminal_verification_results",
    "transaction_status_information",
)
ACCOUNT_TYPES = {"credit": "credit", "debit": "checking", "prepaid": "prepaid"}
CHIP_READS = ("contact_emv", "contactless_emv")


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed with an authorization: the amount (minor units; None when declined), the end of its capture
    window (Unix seconds; None when it is not held), and what may be done to it later."""

    amount: int | None = None
    capture_before: int | None = None
    can_increase: bool = False
    can_overcapture: bool = False
    authorization_code: str | None = None


def details(kind: str, card: Card, method: Document, place: Place | None, terms: Terms) -> Document:
    """The whole member, for a card typed in or read."""
    if kind == "card":
        return {"card": _typed(card, method, terms), "type": kind}
    return {kind: read(kind, card, place, terms), "type": kind}


def read(kind: str, card: Card, place: Place | None, terms: Terms) -> Document:
    """The ``card_present`` or ``interac_present`` member."""
    member: Document = _common(card) | {
        "cardholder_name": card.cardholder_name,
        "description": None,
        "emv_auth_data": card.chip.auth_data if card.chip else None,
        "generated_card": None,
        "issuer": None,
        "preferred_locales": list(card.chip.locales) if card.chip else [],
        "read_method": card.read_method,
        "receipt": _receipt(kind, card, terms.authorization_code),
    }
    if place is not None:
        member["reader"] = place.reader
        if place.location is not None:
            member["location"] = place.location
    if kind == "card_present":
        member |= {
            "amount_authorized": terms.amount,
            "brand_product": product_of(card),
            "incremental_authorization_supported": terms.can_increase,
            "offline": {"stored_at": None, "type": None},
            "overcapture_supported": terms.can_overcapture,
            "wallet": wallet_member(card),
        }
        if terms.capture_before is not None:
            member["capture_before"] = terms.capture_before
    return member


def _typed(card: Card, method: Document, terms: Terms) -> Document:
    member: Document = _common(card) | {
        "amount_authorized": terms.amount,
        "authorization_code": terms.authorization_code,
        "checks": method["card"]["checks"],
        "installments": None,
        "mandate": None,
        "network_token": {"used": False},
        "regulated_status": "unregulated",
        "three_d_secure": None,
        "wallet": None,
    }
    if terms.capture_before is not None:
        member["capture_before"] = terms.capture_before
    return member


def _common(card: Card) -> Document:
    international = card.networks[-1] if card.networks else card.brand
    return {
        "brand": card.brand,
        "country": card.country,
        "exp_month": card.exp_month,
        "exp_year": card.exp_year,
        "fingerprint": card.fingerprint,
        "funding": card.funding,
        "last4": card.last4,
        "network": international if card.network in (None, NO_NETWORK) else card.network,
        "network_transaction_id": None,
    }


def _receipt(kind: str, card: Card, authorization_code: str | None) -> Document | None:
    if card.read_method not in CHIP_READS:
        return None
    account_type = ACCOUNT_TYPES.get(card.funding, "unknown")
    return {
        "account_type": "checking" if kind == "interac_present" else account_type,
        "authorization_code": authorization_code,
        "cardholder_verification_method": card.cvm,
        **{name: getattr(card.chip, name) if card.chip else None for name in FROM_CHIP},
    }
