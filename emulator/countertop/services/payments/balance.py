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
TRANSACTION = "balance_transaction"
ISSUING_ROWS = "_issuing_balance"
"""Rows ``{id: currency, available}``: what issued cards can spend (services/issuing/issuing_balance.py)."""
ISSUING_TYPE = "issuing"
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
    row = scope.tx.get(account, ROWS, currency) or _first(timers, scope, currency)
    day = str(due)
    row["pending"][day] = row["pending"].get(day, 0) + net
    scope.tx.put(account, ROWS, row, created=scope.now)
    _wait(timers, scope, day)


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
    whole: Document = {
        "object": "balance",
        "available": [_amount(currency, available) for currency, (available, _) in sums.items()],
        "livemode": False,
        "pending": [_amount(currency, pending) for currency, (_, pending) in sums.items()],
    }
    issuing = _issuing(scope)
    return whole if issuing is None else whole | {"issuing": issuing}


def retrieve(call: Call) -> Document:
    """GET /v1/balance."""
    return document(call)


def _issuing(scope: Scope) -> Document | None:
    """What issued cards can spend; None for an account that issues none."""
    account = scope.account.id
    rows = [orjson.loads(body) for _, body in scope.tx.each(account, ISSUING_ROWS)]
    sums = {row["id"]: row["available"] for row in sorted(rows, key=lambda row: str(row["id"]))}
    if not sums:
        if not scope.tx.count(account, "issuing.cardholder"):
            return None
        sums = {scope.account.default_currency: 0}
    return {"available": [_amount(currency, amount) for currency, amount in sums.items()]}


def _rows(scope: Scope) -> list[Document]:
    kept = [orjson.loads(body) for _, body in scope.tx.each(scope.account.id, ROWS)]
    return kept or list(_summed(scope).values())


def _first(timers: Timers, scope: Scope, currency: str) -> Document:
    """The row of a currency that has none yet: of what was loaded, or written before there were rows."""
    summed = _summed(scope)
    for row in summed.values():
        if scope.tx.raw(scope.account.id, ROWS, row["id"]) is None:
            # From the first row on the rows are the balance: those of the other currencies are written with it.
            scope.tx.put(scope.account.id, ROWS, row, created=scope.now)
        for day in row["pending"]:
            _wait(timers, scope, day)
    return summed.get(currency) or _row(currency)


def _summed(scope: Scope) -> dict[str, Document]:
    """The rows by currency, added up from all transactions: done once for a currency, not once for a sale."""
    rows: dict[str, Document] = {}
    for _, body in scope.tx.each(scope.account.id, TRANSACTION):
        transaction = orjson.loads(body)
        if is_of_issuing(transaction):
            continue
        row = rows.setdefault(transaction["currency"], _row(transaction["currency"]))
        if transaction["available_on"] <= scope.now:
            row["available"] += transaction["net"]
        else:
            day = str(transaction["available_on"])
            row["pending"][day] = row["pending"].get(day, 0) + transaction["net"]
    return rows


def is_of_issuing(transaction: Document) -> bool:
    """Whether it moved money that issued cards can spend.  What was loaded may not say which balance it is of."""
    kind = transaction["type"]
    return kind.startswith(f"{ISSUING_TYPE}_") or (kind == "topup" and transaction.get("balance_type") == ISSUING_TYPE)


def _row(currency: str) -> Document:
    return {"id": currency, "available": 0, "pending": {}}


def _wait(timers: Timers, scope: Scope, day: str) -> None:
    if not timers.is_set(scope.tx, scope.account.id, SETTLEMENT, day):
        timers.set(scope.tx, scope.account.id, SETTLEMENT, day, int(day) * 1000)


def _amount(currency: str, amount: int) -> Document:
    return {"amount": amount, "currency": currency, "source_types": {"card": amount}}
