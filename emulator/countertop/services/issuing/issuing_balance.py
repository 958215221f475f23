"""The Issuing balance: what cards of an account can spend, and a balance transaction for every change of it.

One row per currency holds the sum, ``{id: currency, available}``, minor units: funded, less holds, with transactions
and disputes counted in (issuing.md §9.1).  It is apart from the balance of payments.
"""

from __future__ import annotations

from typing import Literal

import orjson

from countertop.api.scope import Document, Scope
from countertop.api.shape import complete
from countertop.services.payments.balance import ISSUING_ROWS as ROWS
from countertop.services.payments.balance import ISSUING_TYPE, TRANSACTION, is_of_issuing

Kind = Literal[
    "issuing_authorization_hold",
    "issuing_authorization_release",
    "issuing_dispute",
    "issuing_dispute_provisional_credit",
    "issuing_dispute_provisional_credit_reversal",
    "issuing_transaction",
    "topup",
]
HOLD = "Hold for authorization"
RELEASED = "Released hold for authorization due to {why}"


def available(scope: Scope, currency: str) -> int:
    """What can be spent now, minor units of ``currency``."""
    return int(_row(scope, currency)["available"])


def book(scope: Scope, kind: Kind, amount: int, currency: str, source: str | None, description: str) -> Document:
    """Change the balance by ``amount`` (minor units, negative when money is held or spent).

    ``source``: the id of the object behind it.  Returns the balance transaction.
    """
    row = _row(scope, currency)
    row["available"] += amount
    scope.tx.put(scope.account.id, ROWS, row, created=scope.now)
    transaction = {
        "id": scope.new_id(TRANSACTION),
        "object": TRANSACTION,
        "amount": amount,
        "available_on": scope.now,
        "balance_type": ISSUING_TYPE,
        "created": scope.now,
        "currency": currency,
        "description": description,
        "exchange_rate": None,
        "fee": 0,
        "fee_details": [],
        "net": amount,
        "reporting_category": kind,
        "source": source,
        "status": "available",
        "type": kind,
    }
    return scope.save(complete(TRANSACTION, transaction))


def _row(scope: Scope, currency: str) -> Document:
    """The row of a currency; one that has none yet is added up, once, from what was loaded."""
    account = scope.account.id
    row = scope.tx.get(account, ROWS, currency)
    if row is None:
        loaded = [orjson.loads(body) for _, body in scope.tx.each(account, TRANSACTION)]
        mine = [one["net"] for one in loaded if one["currency"] == currency and is_of_issuing(one)]
        row = {"id": currency, "available": sum(mine)}
        scope.tx.put(account, ROWS, row, created=scope.now)
    return row
