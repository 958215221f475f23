"""Network tokens: asked for by wallets, looked at and changed by API (issuing.md §5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from countertop.api.errors import invalid, missing_resource
from countertop.api.lists import filters_of, list_objects
from countertop.api.scope import Call, Document, Handler, Listing, Operations, Scope
from countertop.cards.wallets import WALLETS
from countertop.services.issuing import card_secrets, cardholders, cards
from countertop.services.issuing.token_objects import CREATED, DATA, FOLLOWING, KIND, UPDATED, save, show

if TYPE_CHECKING:
    from countertop.services.issuing.room import Issuing

NOUN = "issuing token"
CARD_REFERENCE, TOKEN_REFERENCE = "V-5", "DNITHE"
SUGGESTION_VERSION = "2"


def operations(room: Issuing) -> Operations:
    """The operations of /v1/issuing/tokens."""
    return {
        "GET /v1/issuing/tokens": list_tokens,
        "GET /v1/issuing/tokens/{token}": retrieve,
        "POST /v1/issuing/tokens/{token}": updater(room),
    }


def provision(
    room: Issuing,
    scope: Scope,
    card_id: str,
    wallet: str,
    *,
    status: str = "active",
    device: Mapping[str, Any] | None = None,
) -> Document:
    """Add a card to a wallet.  ``status``: ``requested`` while a code is to be confirmed first, else ``active``.

    ``device``: members of ``network_data[device]``.  Raises ApiError 400 for a card that no wallet takes.
    """
    card = cards.fetch(scope, card_id)
    cardholder = cardholders.fetch(scope, card["cardholder"])
    shown = cards.show(scope, card)["wallets"].get(wallet)
    if wallet not in WALLETS or (shown is not None and not shown["eligible"]):
        reason = "there is no such wallet" if wallet not in WALLETS else shown["ineligible_reason"]
        raise invalid(f"The card {card_id} cannot be added to {wallet[:40]}: {reason}.", param="wallet")
    if card["status"] != "active":
        raise invalid(f"The card {card_id} is {card['status']}, and wallets take active cards only.", param="card")
    name = scope.new_id(KIND)
    number = card_secrets.new_device_number(room, scope.tx, scope.account.id, name)
    reference = scope.ids.text(28)
    token: Document = {
        "id": name,
        "object": KIND,
        "card": card_id,
        "created": scope.now,
        "device_fingerprint": (device or {}).get("device_fingerprint") or scope.ids.text(24),
        "last4": number[-4:],
        "livemode": False,
        "network": "visa",
        DATA: _network_data(wallet, reference, card, cardholder, device or {}),
        "network_updated_at": scope.now,
        "status": status,
        "wallet_provider": wallet,
    }
    token[DATA]["device"]["device_fingerprint"] = token["device_fingerprint"]
    return save(scope, token, CREATED)


def number_of(room: Issuing, tx: Any, token_id: str) -> str:
    """The device's number (DPAN) of a token."""
    return card_secrets.number(room, tx, token_id)


def fetch(scope: Scope, name: str, *, in_path: bool = False) -> Document:
    """A token as stored.  Raises ApiError resource_missing."""
    found = scope.get(KIND, name)
    if found is None:
        raise missing_resource(NOUN, name, param="token", in_path=in_path)
    return found


def list_tokens(call: Call) -> Listing:
    """GET /v1/issuing/tokens: of one card."""
    cards.fetch(call, call.params["card"])
    return list_objects(call, KIND, where=filters_of(call, "card", "status"))


def retrieve(call: Call) -> Document:
    """GET /v1/issuing/tokens/{token}."""
    return fetch(call, call.path["token"], in_path=True)


def updater(room: Issuing) -> Handler:
    """POST /v1/issuing/tokens/{token}."""

    def update(call: Call) -> Document:
        return change(call, retrieve(call), call.params["status"])

    return update


def change(scope: Scope, token: Document, status: str) -> Document:
    """Have a token another status.  Raises ApiError 400 for one that cannot follow."""
    if status == token["status"]:
        return token
    if status not in FOLLOWING[token["status"]]:
        raise invalid(f"A token that is {token['status']} cannot become {status}.", param="status")
    return save(scope, token | {"network_updated_at": scope.now, "status": status}, UPDATED, token)


def _network_data(
    wallet: str, reference: str, card: Document, cardholder: Document, device: Mapping[str, Any]
) -> Document:
    address = cardholder["billing"]["address"]
    # What a wallet does not tell is not there.
    told = {name: device[name] for name in ("ip_address", "location", "name", "phone_number") if device.get(name)}
    return {
        "device": told | {"type": device.get("type", "phone")},
        "type": "visa",
        "visa": {
            "card_reference_id": f"{CARD_REFERENCE}{reference[:14]}",
            "token_reference_id": f"{TOKEN_REFERENCE}{reference}",
            "token_requestor_id": WALLETS[wallet].requestor,
            "token_risk_score": "00",
        },
        "wallet_provider": {
            "account_id": reference[-12:],
            "account_trust_score": 5,
            "card_number_source": "app",
            "cardholder_address": {"line1": address["line1"], "postal_code": address["postal_code"]},
            "cardholder_name": cardholder["name"],
            "device_trust_score": 5,
            "reason_codes": [],
            "suggested_decision": "approve",
            "suggested_decision_version": SUGGESTION_VERSION,
        },
    }


__all__ = ["KIND", "change", "fetch", "number_of", "operations", "provision", "show"]
