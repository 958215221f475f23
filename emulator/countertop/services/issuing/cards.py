"""Cards: issued, activated, frozen, canceled (issuing.md §3)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from countertop.api.errors import invalid, missing_resource
from countertop.api.lists import filters_of, list_objects
from countertop.api.scope import Call, Document, Handler, Listing, Operations, Scope
from countertop.api.shape import complete
from countertop.services.changes import merge, unset
from countertop.services.issuing import card_rules as rules
from countertop.services.issuing import (
    card_secrets,
    cardholders,
    control_rules,
    designs,
    ephemeral_keys,
    replacements,
    token_objects,
)
from countertop.services.issuing import card_shipping as shipping
from countertop.services.issuing.card_objects import BRAND, CREATED, KIND, UPDATED, save, show, wants_secrets

if TYPE_CHECKING:
    from countertop.services.issuing.room import Issuing

NOUN = "issuing card"
LIFE_MONTHS = 34
PIN_DIGITS = range(4, 13)


def operations(room: Issuing) -> Operations:
    """The operations of /v1/issuing/cards."""
    return {
        "POST /v1/issuing/cards": creator(room),
        "GET /v1/issuing/cards": list_cards,
        "GET /v1/issuing/cards/{card}": retriever(room),
        "POST /v1/issuing/cards/{card}": updater(room),
    }


def creator(room: Issuing) -> Handler:
    """POST /v1/issuing/cards."""

    def create(call: Call) -> Document:
        params = call.params
        currency = params["currency"].lower()
        rules.check_program(call, currency)
        if "cardholder" not in params:
            raise invalid("There is no default cardholder for this account.", param="cardholder")
        cardholder = cardholders.fetch(call, params["cardholder"])
        rules.check_holder(currency, cardholder)
        old = replacements.replaced(call, params, cardholder)
        status = params.get("status", "inactive")
        if status == "active":
            rules.check_activation(cardholder)
        month, year = _expiry(call, params)
        name = call.new_id(KIND)
        number = replacements.number_for(room, call, name, old, params.get("replacement_reason"))
        card = complete(
            KIND,
            {
                "id": name,
                "object": KIND,
                "brand": BRAND,
                "cardholder": cardholder["id"],
                "created": call.now,
                "currency": currency,
                "exp_month": month,
                "exp_year": year,
                "last4": number[-4:],
                "lifecycle_controls": params.get("lifecycle_controls") or None,
                "livemode": False,
                "metadata": unset({"metadata": params.get("metadata", {})})["metadata"],
                "personalization_design": None,
                "replacement_for": old["id"] if old is not None else None,
                "replacement_reason": params.get("replacement_reason"),
                "spending_controls": control_rules.checked(
                    params.get("spending_controls") or {}, on_card=True, currency=currency
                ),
                "status": status,
                "type": params["type"],
            },
        )
        if "financial_account" in params:
            card["financial_account"] = params["financial_account"]
        card |= designs.of_new_card(call, params)
        card["shipping"] = shipping.of_new_card(room, call, card, params, cardholder)
        _keep_pin(room, call, name, params)
        save(call, card, CREATED)
        if old is not None:
            replacements.point_to(call, old, card)
            replacements.retire(room, call, card)
        return card

    return create


def updater(room: Issuing) -> Handler:
    """POST /v1/issuing/cards/{card}."""

    def update(call: Call) -> Document:
        before = fetch(call, call.path["card"], in_path=True)
        params = call.params
        rules.check_updatable(before)
        rules.check_cancellation(params)
        if params.get("status") == "canceled":
            return cancel(room, call, before, params.get("cancellation_reason"))
        cardholder = cardholders.fetch(call, before["cardholder"])
        after = merge(before, {name: params[name] for name in ("metadata", "financial_account") if name in params})
        if "status" in params:
            if params["status"] == "active":
                rules.check_activation(cardholder)
            after["status"] = params["status"]
        if "spending_controls" in params:
            after["spending_controls"] = control_rules.checked(
                params["spending_controls"] or {},
                on_card=True,
                currency=before["currency"],
                before=before["spending_controls"],
            )
        if "personalization_design" in params:
            after |= designs.of_changed_card(call, before, params["personalization_design"])
        if "shipping" in params:
            after["shipping"] = shipping.of_changed_card(room, call, before, params["shipping"], cardholder)
        _keep_pin(room, call, before["id"], params)
        save(call, after, UPDATED, before)
        if (before["status"], after["status"]) == ("inactive", "active"):
            replacements.retire(room, call, after)
        return after

    return update


def retriever(room: Issuing) -> Handler:
    """GET /v1/issuing/cards/{card}: the one place that shows number and code, to whom asks for them."""

    def retrieve(call: Call) -> Document:
        card = fetch(call, call.path["card"], in_path=True)
        ephemeral_keys.check(call, card["id"])
        number, cvc = wants_secrets(call)
        if cvc:
            card["cvc"] = card_secrets.cvc(room, call.tx, card["id"])
        if number:
            card["number"] = card_secrets.number(room, call.tx, card["id"])
        return card

    return retrieve


def list_cards(call: Call) -> Listing:
    """GET /v1/issuing/cards.  Secrets are for one card at a time."""
    for secret in ("data.number", "data.cvc"):
        if call.expands(secret):
            raise invalid(f"This property cannot be expanded ({secret}).", keep=False)
    names = ("cardholder", "exp_month", "exp_year", "last4", "personalization_design", "status", "type")
    return list_objects(call, KIND, where=filters_of(call, *names))


def fetch(scope: Scope, name: str, *, param: str = "card", in_path: bool = False) -> Document:
    """A card as stored.  Raises ApiError resource_missing."""
    found = scope.get(KIND, name)
    if found is None:
        raise missing_resource(NOUN, name, param=param, in_path=in_path)
    return found


def cancel(room: Issuing, scope: Scope, card: Document, reason: str | None) -> Document:
    """End a card; what is pending of it goes on, a parcel that was not sent does not, and its tokens are deleted."""
    after = card | {"cancellation_reason": reason, "status": "canceled"}
    after["shipping"] = shipping.of_canceled_card(room, scope, card)
    save(scope, after, UPDATED, card)
    token_objects.delete_all(scope, card["id"])
    return after


def _expiry(call: Call, params: Document) -> tuple[int, int]:
    """Month and year; 34 months from now, unless both are given (assumed)."""
    given = ("exp_month" in params, "exp_year" in params)
    now = time.gmtime(call.now)
    if not any(given):
        months = now.tm_year * 12 + now.tm_mon - 1 + LIFE_MONTHS
        return months % 12 + 1, months // 12
    if not all(given):
        missing = "exp_year" if given[0] else "exp_month"
        raise invalid(f"Missing required param: {missing}.", code="parameter_missing", param=missing)
    month, year = params["exp_month"], params["exp_year"]
    if not 1 <= month <= 12:
        raise invalid("Your card's expiration month is invalid.", param="exp_month")
    if (year, month) < (now.tm_year, now.tm_mon) or year > now.tm_year + 10:
        raise invalid("Your card's expiration year is invalid.", param="exp_year")
    return month, year


def _keep_pin(room: Issuing, call: Call, name: str, params: Document) -> None:
    """``pin[encrypted_number]``: ``plain:1234`` is a PIN; what only Stripe could decipher leaves the test PIN."""
    encrypted = (params.get("pin") or {}).get("encrypted_number")
    if not encrypted or not encrypted.startswith(card_secrets.PLAIN):
        return
    digits = encrypted.removeprefix(card_secrets.PLAIN)
    if not (digits.isascii() and digits.isdigit() and len(digits) in PIN_DIGITS):
        raise invalid("A PIN has 4 to 12 digits.", param="pin[encrypted_number]")
    card_secrets.set_pin(room, call.tx, name, digits)


__all__ = ["KIND", "cancel", "fetch", "operations", "show"]
