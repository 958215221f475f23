"""Whether a card's or a cardholder's spending controls allow what is asked (issuing.md §7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countertop.money import decimals
from countertop.services.issuing import spending_windows
from countertop.services.issuing.rates import convert

if TYPE_CHECKING:
    from collections.abc import Mapping

    from countertop.api.scope import Document, Scope
    from countertop.services.issuing.asked import Asked

# Whole units of the card's currency: what a card without limits may spend in a day, and what nobody may at once.
DEFAULT_DAILY, MOST_AT_ONCE = 500, 10_000


def allow(
    scope: Scope, card: Document, cardholder: Document, asked: Asked, already: int, rates: Mapping[str, str]
) -> bool:
    """Whether all controls allow ``asked.amount`` more, of an authorization that has ``already`` so much."""
    unit = 10 ** decimals(asked.currency)
    if already + asked.amount > MOST_AT_ONCE * unit:
        return False
    if not (_lists_allow(card["spending_controls"], asked) and _lists_allow(cardholder["spending_controls"], asked)):
        return False
    limits = card["spending_controls"]["spending_limits"] or [{"amount": DEFAULT_DAILY * unit, "interval": "daily"}]
    chain = spending_windows.chain_of(scope, card)
    if not all(_within(scope, limit, chain, asked, already, asked.currency, rates) for limit in limits):
        return False
    controls = cardholder["spending_controls"]
    currency = controls.get("spending_limits_currency") or asked.currency
    return all(
        _within(scope, limit, [cardholder["id"]], asked, already, currency, rates)
        for limit in controls["spending_limits"] or ()
    )


def _lists_allow(controls: Document, asked: Asked) -> bool:
    facts = {
        "categories": asked.category,
        "merchant_countries": (asked.merchant_data.get("country") or "").upper(),
        "card_presences": asked.presence,
    }
    for name, fact in facts.items():
        allowed, blocked = controls.get(f"allowed_{name}"), controls.get(f"blocked_{name}")
        if (allowed and fact not in allowed) or (blocked and fact in blocked):
            return False
    return True


def _within(
    scope: Scope,
    limit: Document,
    subjects: list[str],
    asked: Asked,
    already: int,
    currency: str,
    rates: Mapping[str, str],
) -> bool:
    """Whether one limit holds; ``currency``: that of its amount."""
    names = limit.get("categories") or []
    if names and asked.category not in names:
        return True
    if limit["interval"] == spending_windows.PER_AUTHORIZATION:
        total = already
    else:
        total = spending_windows.spent(scope, subjects, asked.currency, limit["interval"], names)
    most = int(limit["amount"])
    return 0 < most >= convert(total + asked.amount, asked.currency, currency, rates)
