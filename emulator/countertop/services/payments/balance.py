"""The account's balance: what came in stays pending until its day, then it is available.

One row per currency holds the sums, so that a sale costs the same however many came before it:
``{id: currency, available, pending: {day: sum}}``, minor units, days as Unix seconds of their midnight (UTC).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from countertop.api.scope import Call, Document, Operations, Scope

if TYPE_CHECKING:
    from countertop.timers import Timers

ROWS = "_balance"
SETTLEMENT = "payment.settlement"
DAY_S = 86_400
SETTLES_AFTER_DAYS = 2


def operations() -> Operations:
    """The operation of /v1/balance."""
    return {"GET /v1/balance": retrieve}


def available_on(now: int) -> int:
    """The midnight (UTC) at which money that comes in now becomes available: two whole days later."""
    return (now // DAY_S + SETTLES_AFTER_DAYS + 1) * DAY_S


def book(timers: Timers, scope: Scope, currency: str, net: int) -> None:
    """Count ``net`` (minor units, negative when money leaves) as pending."""
    account, due = scope.account.id, available_on(scope.now)
    day = str(due)
    row = scope.tx.get(account, ROWS, currency) or {"id": currency, "available": 0, "pending": {}}
    row["pending"][day] = row["pending"].get(day, 0) + net
    scope.tx.put(account, ROWS, row, created=scope.now)
    if not timers.is_set(scope.tx, account, SETTLEMENT, day):
        timers.set(scope.tx, account, SETTLEMENT, day, due * 1000)


def settle(scope: Scope, day: str) -> None:
    """The timer's work: what was pending until this day is available, and the account hears of it."""
    for row in _rows(scope):
        if day in row["pending"]:
            row["available"] += row["pending"].pop(day)
            scope.tx.put(scope.account.id, ROWS, row, created=scope.now)
    scope.emit("balance.available", document(scope))


def document(scope: Scope) -> Document:
    """The balance as an object; the account's own currency comes first, and is always there."""
    sums = {scope.account.default_currency: (0, 0)}
    for row in sorted(_rows(scope), key=lambda row: str(row["id"])):
        sums[row["id"]] = (row["available"], sum(row["pending"].values()))
    return {
        "object": "balance",
        "available": [_amount(currency, available) for currency, (available, _) in sums.items()],
        "livemode": False,
        "pending": [_amount(currency, pending) for currency, (_, pending) in sums.items()],
    }


def retrieve(call: Call) -> Document:
    """GET /v1/balance."""
    return document(call)


def _rows(scope: Scope) -> list[Document]:
    return [orjson.loads(body) for _, body in scope.tx.each(scope.account.id, ROWS)]


def _amount(currency: str, amount: int) -> Document:
    return {"amount": amount, "currency": currency, "source_types": {"card": amount}}
