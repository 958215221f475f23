"""Transactions: read and labelled by the account, made by the network's side (issuing.md §8.0, §1.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countertop.api.errors import invalid
from countertop.api.lists import filters_of, list_objects
from countertop.api.scope import Call, Document, Handler, Listing, Operations, Scope
from countertop.services.changes import merge
from countertop.services.issuing import authorization_objects, card_objects, cards, counting, lifecycle
from countertop.services.issuing import transaction_objects as objects
from countertop.services.issuing.asked import amounts_from, merchant_data_from
from countertop.services.issuing.purchase_details import purchase_details_from
from countertop.services.issuing.rates import share

if TYPE_CHECKING:
    from countertop.services.issuing.room import Issuing

KIND = objects.KIND
UPDATED = "issuing_transaction.updated"
REFUNDED = "_issuing_refunded"
"""Rows ``{id: ipi_…, amount}``: how much of a capture was given back."""
CAPTURE, REFUND = -1, 1


def operations(room: Issuing) -> Operations:
    """The operations of /v1/issuing/transactions, and the test helpers that make some."""
    helpers = "POST /v1/test_helpers/issuing/transactions"
    return {
        "GET /v1/issuing/transactions": list_transactions,
        "GET /v1/issuing/transactions/{transaction}": retrieve,
        "POST /v1/issuing/transactions/{transaction}": update,
        f"{helpers}/create_force_capture": _maker(room, CAPTURE),
        f"{helpers}/create_unlinked_refund": _maker(room, REFUND),
        f"{helpers}/{{transaction}}/refund": _refunder(room),
    }


def list_transactions(call: Call) -> Listing:
    """GET /v1/issuing/transactions."""
    return list_objects(call, KIND, where=filters_of(call, "card", "cardholder", "type"))


def retrieve(call: Call) -> Document:
    """GET /v1/issuing/transactions/{transaction}."""
    return call.fetch(KIND, call.path["transaction"], param="transaction", in_path=True)


def update(call: Call) -> Document:
    """POST /v1/issuing/transactions/{transaction}: metadata only."""
    before = retrieve(call)
    after = merge(before, call.params)
    if after != before:
        objects.save(call, after, UPDATED, before)
    return after


def refund(
    room: Issuing, scope: Scope, transaction: Document, amount: int | None, *, merchant_amount: int | None = None
) -> Document:
    """Give back ``amount`` of a capture (minor units of the card's currency; None: what is left of it).

    ``merchant_amount``: the same in the merchant's currency, where it is known to the cent; else it is worked out.

    Returns the refund, a transaction of its own.  Raises ApiError 400 for what is no capture, and for more than
    is left of it.
    """
    if transaction["type"] != "capture":
        raise invalid(f"The transaction {transaction['id']} is a refund; only captures can be refunded.")
    left = refundable(scope, transaction)
    if amount is None:
        amount = left
    if amount > left or left == 0:
        raise invalid(
            f"The amount to refund ({amount}) is more than what is left of this transaction ({left}).",
            param="refund_amount",
        )
    authorization = None
    if transaction["authorization"] is not None:
        authorization = scope.fetch(authorization_objects.KIND, transaction["authorization"])
    if merchant_amount is None:
        merchant_amount = share(-transaction["merchant_amount"], amount, -transaction["amount"])
    made = objects.new(
        room,
        scope,
        scope.fetch(card_objects.KIND, transaction["card"]),
        amount,
        merchant_amount,
        transaction["merchant_currency"],
        transaction["merchant_data"],
        authorization=authorization,
        authorization_code=(transaction["network_data"] or {}).get("authorization_code"),
    )
    row = scope.tx.get(scope.account.id, REFUNDED, transaction["id"]) or {"id": transaction["id"], "amount": 0}
    row["amount"] += amount
    scope.tx.put(scope.account.id, REFUNDED, row, created=scope.now)
    counting.post(scope, made)
    if authorization is not None:
        authorization["transactions"] = [*authorization["transactions"], made["id"]]
        scope.save(authorization)
    return made


def refundable(scope: Scope, transaction: Document) -> int:
    """What is left of a capture after its refunds, minor units."""
    row = scope.tx.get(scope.account.id, REFUNDED, transaction["id"])
    return -int(transaction["amount"]) - (int(row["amount"]) if row is not None else 0)


def _maker(room: Issuing, sign: int) -> Handler:
    """A transaction that no authorization came before: a force capture, or a refund of nothing known."""

    def make(call: Call) -> Document:
        params = call.params
        card = cards.fetch(call, params["card"])
        authorization_objects.positive(params, "amount")
        amount, merchant_amount, merchant_currency = amounts_from(room, call, card["currency"], params)
        made = objects.new(
            room,
            call,
            card,
            sign * amount,
            sign * merchant_amount,
            merchant_currency,
            merchant_data_from(params.get("merchant_data", {})),
            purchase_details=purchase_details_from(params.get("purchase_details")),
        )
        counting.post(call, made)
        if sign == CAPTURE:
            lifecycle.count_payment(room, call, card["id"], amount)
        return made

    return make


def _refunder(room: Issuing) -> Handler:
    def handle(call: Call) -> Document:
        amount = authorization_objects.positive(call.params, "refund_amount")
        return refund(room, call, retrieve(call), amount)

    return handle
