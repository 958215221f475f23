"""PaymentMethods as objects: what every one has, cards with what stands behind them, and generated cards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countertop.api.scope import Document, Scope
from countertop.api.shape import complete
from countertop.services.changes import merge, merge_metadata
from countertop.services.payments import cards
from countertop.services.payments.networks import HOME

if TYPE_CHECKING:
    from countertop.services.payments.sales import Payments

KIND = "payment_method"
IN_PERSON = ("card_present", "interac_present")
NO_ADDRESS = {"city": None, "country": None, "line1": None, "line2": None, "postal_code": None, "state": None}
NO_BILLING = {"address": NO_ADDRESS, "email": None, "name": None, "phone": None, "tax_id": None}
NOTHING: Document = {}


def base(scope: Scope, kind: str, params: Document = NOTHING) -> Document:
    """The members of a new payment method that its type has no part in."""
    return {
        "id": scope.new_id(KIND),
        "object": KIND,
        "allow_redisplay": params.get("allow_redisplay") or "unspecified",
        "billing_details": merge(NO_BILLING, params.get("billing_details") or {}),
        "created": scope.now,
        "customer": None,
        "livemode": False,
        "metadata": merge_metadata({}, params.get("metadata")),
        "type": kind,
    }


def save_card(sales: Payments, scope: Scope, method: Document, card: cards.Card) -> Document:
    """Store a card's payment method and what stands behind it."""
    kind = method["type"]
    member = cards.as_card(card) if kind == "card" else cards.as_read(card, kind)
    method[kind] = member | (method.get(kind) or {})
    sales.remember_card(scope, method["id"], card)
    return scope.save(complete(KIND, method))


def attach(scope: Scope, method: Document, customer: str | None) -> None:
    """A card that was used with a customer belongs to that customer from then on, unless it has one."""
    if customer is not None and method["customer"] is None and scope.get("customer", customer) is not None:
        method["customer"] = customer
        scope.save(method, "payment_method.attached")


def can_generate(card: cards.Card) -> bool:
    """Whether a card that met a reader can be used without it later: not on a domestic network alone."""
    return any(network not in HOME for network in card.networks)


def generate(
    sales: Payments,
    scope: Scope,
    card: cards.Card,
    read: Document,
    *,
    customer: str | None,
    allow_redisplay: str | None,
    charge: str | None = None,
    attempt: str | None = None,
) -> Document:
    """The ``card`` PaymentMethod that a card at a reader leaves behind, attached when there is a customer (§2.6).

    ``read`` is the ``card_present`` member of the charge or of what was verified.
    """
    if card.chip is not None and card.chip.wallet is not None:
        allow_redisplay = "limited"  # a device's number is for payments without its holder only (§2.6)
    method = base(scope, "card", {"allow_redisplay": allow_redisplay})
    if customer is not None and scope.get("customer", customer) is None:
        customer = None  # deleted while the reader waited
    method["customer"] = customer
    method["card"] = {
        "generated_from": {
            "charge": charge,
            "payment_method_details": {"card_present": read, "type": "card_present"},
            "setup_attempt": attempt,
        }
    }
    made = save_card(sales, scope, method, cards.typed_in(card))
    if customer is not None:
        scope.emit("payment_method.attached", made)
    return made
