"""Cards as they are stored, and as they are shown: with their cardholder, and with secrets only where asked (§3.3)."""

from __future__ import annotations

from countertop.api.scope import Call, Document, Scope
from countertop.services.issuing.cardholder_requirements import KIND as CARDHOLDER
from countertop.services.issuing.wallets import wallets_of

KIND = "issuing.card"
CREATED, UPDATED = "issuing_card.created", "issuing_card.updated"
BRAND = "Visa"


def show(scope: Scope, card: Document) -> Document:
    """A stored card as the API shows it."""
    cardholder = scope.fetch(CARDHOLDER, card["cardholder"])
    return card | {"cardholder": cardholder, "wallets": wallets_of(card, cardholder)}


def save(scope: Scope, card: Document, event: str, before: Document | None = None) -> Document:
    """Write a card and its event; an update that changed nothing has none."""
    scope.save(card)
    scope.emit(event, show(scope, card), None if before is None else show(scope, before))
    return card


def wants_secrets(call: Call) -> tuple[bool, bool]:
    """Whether ``expand`` names the number, and the verification code."""
    return call.expands("number"), call.expands("cvc")
