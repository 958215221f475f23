"""Issued cards as somebody holds them: plastic that was delivered, or a token on a phone (issuing.md §3.6, §5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countertop.api.scope import Document, Scope
from countertop.cards.card import SimulatedCard
from countertop.cards.issued import in_device, plastic
from countertop.cards.wallets import WALLETS
from countertop.errors import ConfigurationError
from countertop.services.issuing import card_secrets, cardholders, cards, replacements, tokens

if TYPE_CHECKING:
    from countertop.services.issuing.room import Issuing


def plastic_of(room: Issuing, scope: Scope, name: str) -> SimulatedCard:
    """The card of an id as it lies in its holder's hand.

    Raises ApiError for an unknown id, ConfigurationError for a virtual card, and for one that is still on its way.
    """
    card = cards.fetch(scope, name)
    if card["shipping"] is None:
        raise ConfigurationError(f"The card {name} is virtual: there is nothing to hold.", "Add it to a phone.")
    status = card["shipping"]["status"]
    if status != "delivered":
        raise ConfigurationError(
            f"Nobody has the card {name} yet: its parcel is {status}.", "Deliver it first: card.parcel.deliver()"
        )
    return _plastic(room, scope, card)


def device_card_of(room: Issuing, scope: Scope, name: str) -> SimulatedCard:
    """The card behind a token, on the phone that it was added to.  Raises ApiError for an unknown one."""
    token = tokens.fetch(scope, name)
    if token["status"] == "requested":
        raise ConfigurationError(f"The token {name} waits for its code.", "Confirm it: set its status to active.")
    behind = _plastic(room, scope, cards.fetch(scope, token["card"]))
    number = tokens.number_of(room, scope.tx, name)
    return in_device(behind, name, number, WALLETS[token["wallet_provider"]])


def _plastic(room: Issuing, scope: Scope, card: Document) -> SimulatedCard:
    return plastic(
        card["id"],
        card_secrets.number(room, scope.tx, card["id"]),
        name=cardholders.fetch(scope, card["cardholder"])["name"],
        country=scope.account.country,
        valid_until=(card["exp_month"], card["exp_year"]),
        pin=card_secrets.pin(room, scope.tx, card["id"]),
        sequence=1 + replacements.ancestors(scope, card),
    )
