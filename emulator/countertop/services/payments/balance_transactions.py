"""Balance transactions: what each charge and refund did to the balance."""

from __future__ import annotations

from countertop.api.lists import filters_of, list_objects
from countertop.api.scope import Call, Document, Listing, Operations
from countertop.services.payments.ledger import KIND


def operations() -> Operations:
    """The operations of /v1/balance_transactions."""
    return {
        "GET /v1/balance_transactions": list_transactions,
        "GET /v1/balance_transactions/{id}": retrieve,
    }


def list_transactions(call: Call) -> Listing:
    """GET /v1/balance_transactions; ``payout`` names a payout, and those are of no transaction here."""
    where = filters_of(call, "currency", "source", "type")
    if "payout" in call.params:
        call.fetch("payout", call.params["payout"], param="payout")
        where["payout"] = call.params["payout"]
    return list_objects(call, KIND, where=where)


def retrieve(call: Call) -> Document:
    """GET /v1/balance_transactions/{id}."""
    return call.fetch(KIND, call.path["id"], param="id", in_path=True)
