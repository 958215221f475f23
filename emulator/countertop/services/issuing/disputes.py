"""Disputes of captures: made, filled with evidence, and submitted once (issuing.md §8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countertop.api.errors import invalid
from countertop.api.lists import filters_of, list_objects
from countertop.api.scope import Call, Document, Handler, Listing, Operations
from countertop.api.shape import complete
from countertop.services.changes import merge_metadata, unset
from countertop.services.issuing import dispute_evidence, dispute_outcomes, transaction_objects
from countertop.services.issuing import dispute_objects as objects
from countertop.services.issuing.transactions import UPDATED as TRANSACTION_UPDATED
from countertop.services.issuing.transactions import refundable

if TYPE_CHECKING:
    from countertop.services.issuing.room import Issuing

KIND = objects.KIND


def operations(room: Issuing) -> Operations:
    """The operations of /v1/issuing/disputes."""
    return {
        "GET /v1/issuing/disputes": list_disputes,
        "POST /v1/issuing/disputes": _creator(room),
        "GET /v1/issuing/disputes/{dispute}": objects.of_path,
        "POST /v1/issuing/disputes/{dispute}": update,
        "POST /v1/issuing/disputes/{dispute}/submit": _submitter(room),
    }


def list_disputes(call: Call) -> Listing:
    """GET /v1/issuing/disputes."""
    return list_objects(call, KIND, where=filters_of(call, "status", "transaction"))


def update(call: Call) -> Document:
    """POST /v1/issuing/disputes/{dispute}: metadata always, the rest until it is submitted."""
    before, params = objects.of_path(call), call.params
    after = dict(before)
    if "metadata" in params:
        after["metadata"] = merge_metadata(before["metadata"], params["metadata"])
    if "amount" in params or "evidence" in params:
        _require_unsubmitted(before, "updated, but for its metadata")
        transaction = call.fetch(transaction_objects.KIND, before["transaction"])
        if "amount" in params:
            after["amount"] = _amount(call, transaction, params["amount"])
        if "evidence" in params:
            after["evidence"] = dispute_evidence.evidence_from(call, params["evidence"], before["evidence"])
    return objects.save(call, after, objects.UPDATED, before) if after != before else after


def _creator(room: Issuing) -> Handler:
    def create(call: Call) -> Document:
        params = call.params
        transaction = _disputable(call)
        dispute = complete(
            KIND,
            {
                "id": call.new_id(KIND),
                "object": KIND,
                "amount": _amount(call, transaction, params.get("amount")),
                "created": call.now,
                "currency": transaction["currency"],
                "evidence": dispute_evidence.evidence_from(call, params.get("evidence", {})),
                "livemode": False,
                "metadata": unset({"metadata": params.get("metadata", {})})["metadata"],
                "status": "unsubmitted",
                "transaction": transaction["id"],
            },
        )
        dispute[objects.INCLUDED] = []
        linked = transaction | {"dispute": dispute["id"]}
        objects.save(call, dispute, objects.CREATED)
        transaction_objects.save(call, linked, TRANSACTION_UPDATED, transaction)
        dispute_outcomes.expire_later(room, call, dispute, transaction)
        return dispute

    return create


def _submitter(room: Issuing) -> Handler:
    def submit(call: Call) -> Document:
        before = objects.of_path(call)
        _require_unsubmitted(before, "submitted")
        transaction = call.fetch(transaction_objects.KIND, before["transaction"])
        reason = before["evidence"]["reason"]
        if objects.is_late(call, transaction, reason):
            raise invalid(f"It is too late to dispute the transaction {transaction['id']} as {reason}.")
        dispute_evidence.check_complete(before["evidence"])
        after = before | {"status": "submitted"}
        if "metadata" in call.params:
            after["metadata"] = merge_metadata(before["metadata"], call.params["metadata"])
        objects.save(call, after, objects.UPDATED, before)
        call.emit(objects.SUBMITTED, objects.in_event(call, after))
        dispute_outcomes.decide_later(room, call, after)
        return after

    return submit


def _disputable(call: Call) -> Document:
    """The transaction that a call wants to dispute.  Raises ApiError 400 for one that cannot be."""
    params = call.params
    if "treasury" in params:
        raise invalid("There are no received debits here to be disputed.", param="treasury[received_debit]")
    if "transaction" not in params:
        raise invalid("Missing required param: transaction.", code="parameter_missing", param="transaction")
    transaction = call.fetch(transaction_objects.KIND, params["transaction"], param="transaction")
    name = transaction["id"]
    if transaction["type"] != "capture":
        raise invalid(f"The transaction {name} is a refund; only captures can be disputed.", param="transaction")
    if transaction["dispute"] is not None:
        raise invalid(f"The transaction {name} is disputed already, by {transaction['dispute']}.", param="transaction")
    if objects.is_late(call, transaction, params.get("evidence", {}).get("reason", "")):
        raise invalid(f"It is too late to dispute the transaction {name}.", param="transaction")
    return transaction


def _amount(call: Call, transaction: Document, given: int | None) -> int:
    most = refundable(call, transaction)
    amount = most if given is None else given
    if not 0 < amount <= most:
        raise invalid(
            f"The amount of a dispute is above zero, and at most what was captured and not refunded ({most}).",
            param="amount",
        )
    return amount


def _require_unsubmitted(dispute: Document, what: str) -> None:
    if dispute["status"] != "unsubmitted":
        raise invalid(f"The dispute {dispute['id']} is {dispute['status']} and cannot be {what}.")
