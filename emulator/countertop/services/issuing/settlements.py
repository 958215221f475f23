"""Settlements: what a network settles per range of numbers, day and currency (issuing.md §10, a preview).

The first transaction of a day makes one; it is complete on the next working day, by the bench's clock.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from countertop.api.lists import list_objects
from countertop.api.scope import Call, Document, Listing, Operations, Scope
from countertop.services.changes import merge

if TYPE_CHECKING:
    from countertop.services.issuing.room import Issuing
    from countertop.services.rooms import TimerWork

KIND = "issuing.settlement"
OPEN = "_issuing_settlement_open"
"""Rows ``{id: BIN|day|currency, settlement}``: where the transactions of a day are counted."""
COMPLETION = "issuing.settlement_completion"
BIN = "400000"
SATURDAY = 5
# Of a transaction, in parts of a hundred thousand; as in the one published sample (44 and 37 of 3656).
INTERCHANGE, NETWORK_FEES, WHOLE = 1_200, 1_000, 100_000


def operations(_room: Issuing) -> Operations:
    """The operations of /v1/issuing/settlements."""
    return {
        "GET /v1/issuing/settlements": list_settlements,
        "GET /v1/issuing/settlements/{settlement}": retrieve,
        "POST /v1/issuing/settlements/{settlement}": update,
    }


def timers(_room: Issuing) -> dict[str, TimerWork]:
    """A settlement is complete."""
    return {COMPLETION: complete}


def list_settlements(call: Call) -> Listing:
    """GET /v1/issuing/settlements."""
    return list_objects(call, KIND)


def retrieve(call: Call) -> Document:
    """GET /v1/issuing/settlements/{settlement}."""
    return call.fetch(KIND, call.path["settlement"], param="settlement", in_path=True)


def update(call: Call) -> Document:
    """POST /v1/issuing/settlements/{settlement}: metadata only."""
    before = retrieve(call)
    after = merge(before, call.params)
    return call.save(after, "issuing_settlement.updated", before) if after != before else after


def count(room: Issuing, scope: Scope, transaction: Document) -> None:
    """Count a transaction into the settlement of its day: captures are owed to the network, refunds come back."""
    day = datetime.fromtimestamp(scope.now, UTC)
    name = f"{BIN}|{day.date().isoformat()}|{transaction['currency']}"
    row = scope.tx.get(scope.account.id, OPEN, name)
    settlement = scope.get(KIND, row["settlement"]) if row is not None else None
    is_new = settlement is None
    if settlement is None:
        settlement = _new(scope, day, transaction["currency"])
        scope.tx.put(scope.account.id, OPEN, {"id": name, "settlement": settlement["id"]}, created=scope.now)
        due = _next_working_day(day)
        room.timers.set(scope.tx, scope.account.id, COMPLETION, settlement["id"], int(due.timestamp()) * 1000)
    amount = -transaction["amount"]
    settlement["transaction_amount"] += amount
    settlement["transaction_count"] += 1
    settlement["interchange_fees_amount"] += _part(amount, INTERCHANGE)
    settlement["network_fees_amount"] += _part(amount, NETWORK_FEES)
    fees = settlement["interchange_fees_amount"] + settlement["network_fees_amount"]
    settlement["net_total_amount"] = settlement["transaction_amount"] - fees
    scope.save(settlement, "issuing_settlement.created" if is_new else None)


def complete(scope: Scope, settlement_id: str) -> None:
    """The timer's work: the network has settled."""
    before = scope.get(KIND, settlement_id)
    if before is not None and before["status"] == "pending":
        scope.save(before | {"status": "complete"}, "issuing_settlement.updated", before)


def _new(scope: Scope, day: datetime, currency: str) -> Document:
    return {
        "id": scope.new_id(KIND),
        "object": KIND,
        "bin": BIN,
        "clearing_date": int(day.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()),
        "created": scope.now,
        "currency": currency,
        "interchange_fees_amount": 0,
        "livemode": False,
        "metadata": {},
        "net_total_amount": 0,
        "network": "visa",
        "network_fees_amount": 0,
        "network_settlement_identifier": scope.ids.digits(12),
        "other_fees_amount": None,
        "other_fees_count": None,
        "settlement_service": "uk_national_net" if currency == "gbp" else "international",
        "status": "pending",
        "transaction_amount": 0,
        "transaction_count": 0,
    }


def _next_working_day(day: datetime) -> datetime:
    due = (day + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    while due.weekday() >= SATURDAY:
        due += timedelta(days=1)
    return due


def _part(amount: int, of: int) -> int:
    """A fee, rounded half away from zero, so that a refund gives back what its capture cost."""
    sign = -1 if amount < 0 else 1
    return sign * ((abs(amount) * of + WHOLE // 2) // WHOLE)
