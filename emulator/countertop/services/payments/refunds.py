"""Refunds: of a charge or an intent, whole or in part; some fail later (terminal.md §2.7, §3.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countertop.api.errors import card_error, invalid, missing_resource
from countertop.api.lists import filters_of, list_objects
from countertop.api.scope import Call, Document, Handler, Listing, Operations, Scope
from countertop.services.changes import merge
from countertop.services.payments import ledger
from countertop.services.payments.cards import typed_in
from countertop.services.payments.refund_objects import KIND, make_refund, refundable

if TYPE_CHECKING:
    from countertop.services.payments.sales import Payments
    from countertop.services.rooms import TimerWork

REFUND_FAILURE = "payment.refund_failure"
FAILING = "_failing_refund"
"""Rows ``{id: re_…, reason}``: refunds whose issuer will send the money back, and why."""
# How long a refund that will fail looks fine; the real delay is days (assumption).
FAILS_AFTER_MS = 60_000


def operations(sales: Payments) -> Operations:
    """The operations of /v1/refunds."""
    return {
        "POST /v1/refunds": creator(sales),
        "GET /v1/refunds": list_refunds,
        "GET /v1/refunds/{refund}": retrieve,
        "POST /v1/refunds/{refund}": update,
        "POST /v1/refunds/{refund}/cancel": cancel,
    }


def creator(sales: Payments) -> Handler:
    """POST /v1/refunds."""

    def create(call: Call) -> Document:
        charge = charge_of(call)
        if (charge["payment_method_details"] or {}).get("type") == "interac_present":
            raise invalid(
                "Interac payments can only be refunded in person: use refund_payment on a reader of the same account.",
                param="charge",
            )
        amount = refundable(charge, call.params.get("amount"))
        card = typed_in(sales.card_of(call, charge["payment_method"]))  # however it paid, it is not here now
        answer = sales.ask(call, "refund", card, amount, charge["currency"], charge["id"])
        if not answer.approved:
            message = answer.message or "The refund was declined."
            raise card_error(message, answer.code or "card_declined", decline_code=answer.decline_code)
        refund = make_refund(
            sales.timers, call, charge, amount, metadata=call.params.get("metadata"), reason=call.params.get("reason")
        )
        if answer.later_failure is not None:
            row = {"id": refund["id"], "reason": answer.later_failure}
            call.tx.put(call.account.id, FAILING, row, created=call.now)
            due_ms = call.clock.now_ms() + FAILS_AFTER_MS
            sales.timers.set(call.tx, call.account.id, REFUND_FAILURE, refund["id"], due_ms)
        return refund

    return create


def failer(sales: Payments) -> TimerWork:
    """The timer's work: the money of a refund came back; it has ``failed``, and the charge counts it no more."""

    def fail(scope: Scope, refund_id: str) -> None:
        refund = scope.get(KIND, refund_id)
        row = scope.tx.get(scope.account.id, FAILING, refund_id)
        if refund is None or row is None or refund["status"] != "succeeded":
            return
        scope.tx.delete(scope.account.id, FAILING, refund_id)
        refund |= {"status": "failed", "failure_reason": row["reason"]}
        refund["failure_balance_transaction"] = ledger.for_failed_refund(sales.timers, scope, refund)["id"]
        charge = scope.fetch("charge", refund["charge"])
        charge["amount_refunded"] -= refund["amount"]
        charge["refunded"] = False
        scope.save(charge)
        scope.save(refund, "refund.failed")

    return fail


def list_refunds(call: Call) -> Listing:
    """GET /v1/refunds."""
    for name in ("charge", "payment_intent"):
        if name in call.params:
            call.fetch(name, call.params[name], param=name)
    return list_objects(call, KIND, where=filters_of(call, "charge", "payment_intent"))


def retrieve(call: Call) -> Document:
    """GET /v1/refunds/{refund}."""
    return call.fetch(KIND, call.path["refund"], param="id", in_path=True)


def update(call: Call) -> Document:
    """POST /v1/refunds/{refund}: metadata only."""
    before = retrieve(call)
    after = merge(before, call.params)
    return call.save(after, "refund.updated", before) if after != before else after


def cancel(call: Call) -> Document:
    """POST /v1/refunds/{refund}/cancel: only a refund that waits for the customer can be."""
    refund = retrieve(call)
    raise invalid(f"The refund {refund['id']} has status {refund['status']} and cannot be canceled.")


def charge_of(call: Call) -> Document:
    """The charge that a call names, by itself or by its intent.  Raises ApiError 400 for none, and for both."""
    params = call.params
    if "charge" in params and "payment_intent" in params:
        raise invalid(
            "Received both charge and payment_intent parameters. Please pass in only one.",
            code="parameters_exclusive",
        )
    if "charge" in params:
        charge = call.fetch("charge", params["charge"], param="charge")
    elif "payment_intent" in params:
        intent = call.fetch("payment_intent", params["payment_intent"], param="payment_intent")
        if intent["latest_charge"] is None:
            raise invalid(f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.")
        charge = call.fetch("charge", intent["latest_charge"])
    else:
        raise invalid(
            "One of the following params should be provided for this request: payment_intent or charge.",
            code="parameter_missing",
            param="charge",
        )
    if charge["status"] != "succeeded":
        raise missing_resource("charge", charge["id"], param="charge")
    return charge
