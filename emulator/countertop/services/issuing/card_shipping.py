"""Physical cards on their way: ``shipping``, its test helpers, and parcels that move by themselves (§3.4, §3.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from countertop.api.errors import ApiError, invalid, missing_resource
from countertop.api.scope import Call, Document, Handler, Operations, Scope
from countertop.services.changes import unset
from countertop.services.issuing.card_objects import KIND, UPDATED, save
from countertop.services.parcels import addresses, parcel
from countertop.services.parcels.movement import Movement

if TYPE_CHECKING:
    from countertop.services.issuing.room import Issuing
    from countertop.services.rooms import TimerWork

MOVING = "issuing.parcel"
HELPERS = ("submit", "ship", "deliver", "return", "fail")
EUROPEAN = frozenset(("eur", "gbp"))
_NO_ADDRESS = {"city": None, "country": None, "line1": None, "line2": None, "postal_code": None, "state": None}


def operations(room: Issuing) -> Operations:
    """The test helpers of /v1/test_helpers/issuing/cards/{card}/shipping."""
    prefix = "POST /v1/test_helpers/issuing/cards/{card}/shipping/"
    return {f"{prefix}{move}": _helper(room, move) for move in HELPERS}


def timers(room: Issuing) -> Mapping[str, TimerWork]:
    """Parcels that move by themselves."""
    return {MOVING: lambda scope, name: _movement(room).due(scope, name)}


def of_new_card(room: Issuing, call: Call, card: Document, params: Document, cardholder: Document) -> Document | None:
    """``shipping`` of a card that is made; None for a virtual one.  Raises ApiError 400."""
    given = params.get("shipping")
    if card["type"] == "virtual":
        if given:
            raise invalid("Virtual cards are not shipped.", param="shipping")
        return None
    if not given:
        raise invalid("Missing required param: shipping.", code="parameter_missing", param="shipping")
    shipping = _made(card, given, cardholder)
    if room.settings(call).parcels == "auto":
        _movement(room).begin(call, card["id"], shipping)
    return shipping


def of_changed_card(
    room: Issuing, call: Call, card: Document, given: Document, cardholder: Document
) -> Document | None:
    """The whole hash anew, until the printer has it.  Raises ApiError 400 afterwards."""
    shipping = card["shipping"]
    if shipping is None:
        raise invalid("Virtual cards are not shipped.", param="shipping")
    if shipping["status"] not in parcel.OPEN:
        raise invalid(f"The shipping of a card cannot be changed once it is {shipping['status']}.", param="shipping")
    return _made(card, given, cardholder)


def of_canceled_card(room: Issuing, scope: Scope, card: Document) -> Document | None:
    """A card that was not sent yet is not sent any more."""
    shipping: Document | None = card["shipping"]
    room.timers.clear(scope.tx, scope.account.id, MOVING, card["id"])
    if shipping is None or shipping["status"] not in parcel.MOVES["cancel"][0]:
        return shipping
    return parcel.moved(shipping, "cancel", card["id"], scope.now)


def move(room: Issuing, scope: Scope, card: Document, how: str) -> Document:
    """Move a card's parcel.  Raises ApiError 400 for a virtual card, and for a move that cannot be."""
    if card["shipping"] is None:
        raise invalid(f"The card {card['id']} is virtual: there is nothing to {how}.")
    after = card | {"shipping": parcel.moved(card["shipping"], how, card["id"], scope.now)}
    return save(scope, after, UPDATED, card)


def _helper(room: Issuing, how: str) -> Handler:
    def handle(call: Call) -> Document:
        name = call.path["card"]
        card = call.get(KIND, name)
        if card is None:
            raise missing_resource("issuing card", name, param="card", in_path=True)
        # Whoever moves it by hand means it: it does not move by itself any more.
        room.timers.clear(call.tx, call.account.id, MOVING, name)
        return move(room, call, card, how)

    return handle


def _movement(room: Issuing) -> Movement:
    def moving(scope: Scope, name: str, how: str) -> dict[str, Any] | None:
        card = scope.get(KIND, name)
        if card is None or card["status"] == "canceled":
            return None
        try:
            shipping: Document | None = move(room, scope, card, how)["shipping"]
        except ApiError:
            return None
        return shipping

    return Movement(room.timers, MOVING, moving)


def _made(card: Document, given: Document, cardholder: Document) -> Document:
    address = _NO_ADDRESS | unset(given["address"])
    service, kind = given.get("service", "standard"), given.get("type", "individual")
    if kind == "bulk" and card["currency"] in EUROPEAN and not (given.get("customs") or {}).get("eori_number"):
        raise invalid("Bulk shipments to Europe need an EORI number.", param="shipping[customs][eori_number]")
    mode = (given.get("address_validation") or {}).get("mode", "normalization_only")
    signature = given.get("require_signature")
    if signature is None and card["currency"] == "usd":
        signature = service != "standard"
    phone = given.get("phone_number") or None
    if phone is None and kind == "individual" and card["currency"] in EUROPEAN:
        phone = cardholder["phone_number"]
    return {
        "address": address,
        "address_validation": addresses.validation_of(address, mode),
        "business_name": given.get("business_name") or None,
        "carrier": None,
        "customs": {"eori_number": given["customs"].get("eori_number")} if given.get("customs") else None,
        "delivered_at": None,
        "eta": None,
        "name": given["name"],
        "phone_number": phone,
        "require_signature": signature,
        "service": service,
        "shipped_at": None,
        "status": "pending",
        "tracking_number": None,
        "tracking_url": None,
        "type": kind,
    }
