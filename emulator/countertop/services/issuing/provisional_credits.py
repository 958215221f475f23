"""Credits for disputes that are not decided yet, which a loss takes back (issuing.md §1.4, §8.3; a preview)."""

from __future__ import annotations

from countertop.api.errors import invalid
from countertop.api.scope import Call, Document, Operations, Scope
from countertop.services.issuing import dispute_objects as objects
from countertop.services.issuing.issuing_balance import Kind

ROWS = "_issuing_provisional_credit"
"""Rows ``{id: idp_…, amount}``: what was credited."""
CREDIT: Kind = "issuing_dispute_provisional_credit"
REVERSAL: Kind = "issuing_dispute_provisional_credit_reversal"


def operations(_room: object) -> Operations:
    """The test helper."""
    return {"POST /v1/test_helpers/issuing/disputes/{dispute}/provisional_credit": grant}


def grant(call: Call) -> Document:
    """POST …/provisional_credit: the amount of a submitted dispute is credited, once."""
    dispute = objects.of_path(call)
    if dispute["status"] != "submitted" or credited(call, dispute):
        state = "credited" if credited(call, dispute) else dispute["status"]
        raise invalid(f"The dispute {dispute['id']} is {state} and cannot be given a provisional credit.")
    call.tx.put(call.account.id, ROWS, {"id": dispute["id"], "amount": dispute["amount"]}, created=call.now)
    after = objects.book(call, dispute, CREDIT, dispute["amount"], "Provisional credit for dispute")
    return objects.save(call, after, objects.REINSTATED)


def credited(scope: Scope, dispute: Document) -> int:
    """What a dispute was credited, minor units."""
    row = scope.tx.get(scope.account.id, ROWS, dispute["id"])
    return int(row["amount"]) if row is not None else 0


def take_back(scope: Scope, dispute: Document) -> Document:
    """A dispute was lost: its credit goes again.  Returns the dispute as it is then."""
    amount = credited(scope, dispute)
    if not amount:
        return dispute
    after = objects.book(scope, dispute, REVERSAL, -amount, "Reversal of the provisional credit for dispute")
    return objects.save(scope, after, objects.RESCINDED)
