"""Cards that replace others (issuing.md §3.7): the number stays when the card wore out, and goes when it was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countertop.api.errors import invalid, missing_resource
from countertop.api.scope import Call, Document, Scope
from countertop.services.issuing import card_secrets, token_objects
from countertop.services.issuing.card_objects import KIND, UPDATED, save

if TYPE_CHECKING:
    from countertop.services.issuing.room import Issuing

SAME_NUMBER = frozenset(("damaged", "expired"))


def replaced(call: Call, params: Document, cardholder: Document) -> Document | None:
    """The card that a new one is to replace, if any.  Raises ApiError 400 for one that cannot be replaced so."""
    name, reason = params.get("replacement_for"), params.get("replacement_reason")
    if name is None and reason is None:
        return None
    if name is None or reason is None:
        missing = "replacement_for" if name is None else "replacement_reason"
        raise invalid(f"Missing required param: {missing}.", code="parameter_missing", param=missing)
    old = call.get(KIND, name)
    if old is None:
        raise missing_resource("issuing card", name, param="replacement_for")
    if old["cardholder"] != cardholder["id"]:
        raise invalid("A replacement is for the same cardholder.", param="cardholder")
    if reason == "damaged" and old["type"] != "physical":
        raise invalid("Only physical cards can be damaged.", param="replacement_reason")
    if reason in SAME_NUMBER:
        if old["status"] == "canceled":
            raise invalid(f"A canceled card cannot be replaced as {reason}.", param="replacement_for")
    elif (old["status"], old["cancellation_reason"]) != ("canceled", reason):
        raise invalid(
            f"The card must be canceled with cancellation_reason {reason} before it is replaced.",
            param="replacement_for",
        )
    return old


def number_for(room: Issuing, call: Call, name: str, old: Document | None, reason: str | None) -> str:
    """The number of a new card: a new one, or that of the card which it replaces."""
    if old is None or reason not in SAME_NUMBER:
        return card_secrets.new_number(room, call.tx, call.account.id, name)
    number = card_secrets.number(room, call.tx, old["id"])
    return card_secrets.keep_number(room, call.tx, call.account.id, name, number)


def point_to(call: Call, old: Document, new: Document) -> None:
    """The old card names its latest replacement."""
    save(call, old | {"replaced_by": new["id"]}, UPDATED, old)


def retire(room: Issuing, scope: Scope, card: Document) -> None:
    """Once a card is active, the one that it replaces because that wore out is canceled."""
    if card["status"] != "active" or card["replacement_reason"] not in SAME_NUMBER:
        return
    old = scope.fetch(KIND, card["replacement_for"])
    if old["status"] != "canceled":
        # Its parcel, if it ever was on its way, is of no use to anybody.
        save(scope, old | {"status": "canceled"}, UPDATED, old)
        token_objects.delete_all(scope, old["id"])


def ancestors(scope: Scope, card: Document) -> int:
    """How many cards of the same number came before this one: what tells their chips apart (PAN sequence number)."""
    count = 0
    while card["replacement_for"] is not None and card["replacement_reason"] in SAME_NUMBER:
        card = scope.fetch(KIND, card["replacement_for"])
        count += 1
    return count
