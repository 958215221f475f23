"""What spending limits and the life of a card count: purchases when they are approved, less what is given back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countertop.services.issuing import lifecycle, spending_windows
from countertop.services.issuing.rates import convert

if TYPE_CHECKING:
    from countertop.api.scope import Document, Scope
    from countertop.services.issuing.room import Issuing

# US cents: an authorization of no more counts for the life of a card only once it is captured (issuing.md §3.9).
SMALL = 100


def authorized(room: Issuing, scope: Scope, authorization: Document, amount: int) -> None:
    """An authorization was approved."""
    spend(scope, authorization, amount)
    if not _is_small(room, scope, amount, authorization["currency"]):
        lifecycle.count_payment(room, scope, authorization["card"], amount)


def captured(room: Issuing, scope: Scope, authorization: Document, released: int, amount: int) -> None:
    """A capture took the place of what was released for it; the first one of a small authorization is a payment."""
    spend(scope, authorization, amount - released)
    first = not authorization["transactions"]
    if first and _is_small(room, scope, authorization["request_history"][0]["amount"], authorization["currency"]):
        lifecycle.count_payment(room, scope, authorization["card"], amount)


def spend(scope: Scope, authorization: Document, amount: int) -> None:
    """Count more, or less, as spent in the windows in which an authorization was made."""
    _count(scope, authorization, amount, authorization["created"])


def post(scope: Scope, transaction: Document) -> None:
    """Count a transaction that is no capture of an authorization, where it posts: a refund counts against."""
    _count(scope, transaction, -transaction["amount"], scope.now)


def _count(scope: Scope, document: Document, amount: int, when: int) -> None:
    category = document["merchant_data"]["category"]
    spending_windows.count(
        scope, document["card"], document["cardholder"], document["currency"], category, amount, when
    )


def _is_small(room: Issuing, scope: Scope, amount: int, currency: str) -> bool:
    return convert(amount, currency, "usd", room.settings(scope).rates) <= SMALL
