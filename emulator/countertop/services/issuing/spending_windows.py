"""How much was spent in the current day, week, month and year, and ever: counted as it happens (issuing.md §7).

One row per card and per cardholder holds the windows that are current, in total and by category, so that a decision
costs the same however much was bought before:
``{id: "ic_…|usd", windows: {daily: {start, total, categories: {name: sum}}, …}}``, minor units of the currency.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from countertop.services.issuing import card_objects

if TYPE_CHECKING:
    from countertop.api.scope import Document, Scope

ROWS = "_issuing_spent"
PER_AUTHORIZATION = "per_authorization"
SUNDAY = 6


def _week(day: datetime) -> datetime:
    return day - timedelta(days=(day.weekday() - SUNDAY) % 7)


# Interval → the day on which the window around a day begins.
BEGINNINGS: Mapping[str, Callable[[datetime], datetime | None]] = MappingProxyType(
    {
        "daily": lambda day: day,
        "weekly": _week,
        "monthly": lambda day: day.replace(day=1),
        "yearly": lambda day: day.replace(month=1, day=1),
        "all_time": lambda _day: None,
    }
)


def start_of(interval: str, when: int) -> int:
    """The second (UTC) in which the window around ``when`` began; 0 for ``all_time``."""
    midnight = datetime.fromtimestamp(when, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    begun = BEGINNINGS[interval](midnight)
    return 0 if begun is None else int(begun.timestamp())


def count(
    scope: Scope, card: str, cardholder: str | None, currency: str, category: str, amount: int, when: int
) -> None:
    """Count ``amount`` (negative when it is given back) as spent at ``when``, in the windows that are still current."""
    for subject in (card, cardholder):
        if subject is not None and amount != 0:
            row = _row(scope, subject, currency)
            for interval in BEGINNINGS:
                _add(row["windows"], interval, start_of(interval, when), category, amount)
            scope.tx.put(scope.account.id, ROWS, row, created=scope.now)


def spent(scope: Scope, subjects: list[str], currency: str, interval: str, categories: list[str]) -> int:
    """What these cards, or this cardholder, spent in the current window: in some categories, or in all for none."""
    start = start_of(interval, scope.now)
    total = 0
    for subject in subjects:
        window = _row(scope, subject, currency)["windows"].get(interval)
        if window is not None and window["start"] == start:
            by_name = window["categories"]
            total += sum(by_name.get(name, 0) for name in set(categories)) if categories else window["total"]
    return int(total)


def chain_of(scope: Scope, card: Document) -> list[str]:
    """A card and those that it replaced, one by one."""
    names = [card["id"]]
    older = card.get("replacement_for")
    while older is not None and older not in names:
        names.append(older)
        found = scope.get(card_objects.KIND, older)
        older = found.get("replacement_for") if found is not None else None
    return names


def _row(scope: Scope, subject: str, currency: str) -> Document:
    name = f"{subject}|{currency}"
    return scope.tx.get(scope.account.id, ROWS, name) or {"id": name, "windows": {}}


def _add(windows: Document, interval: str, start: int, category: str, amount: int) -> None:
    window = windows.get(interval)
    if window is None or window["start"] < start:
        window = windows[interval] = {"start": start, "total": 0, "categories": {}}
    elif window["start"] > start:
        return  # it was spent in a window that is over
    window["total"] += amount
    window["categories"][category] = window["categories"].get(category, 0) + amount
