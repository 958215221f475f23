"""Charges: read, search, annotate; capture of a charge is capture of its intent."""

from __future__ import annotations

from countertop.api.errors import invalid
from countertop.api.lists import filters_of, list_objects
from countertop.api.scope import Call, Document, Handler, Listing, Operations
from countertop.api.search import search_objects
from countertop.services.changes import merge
from countertop.services.payments import captures
from countertop.services.payments.sales import Payments

KIND = "charge"
FILTERS = {"customer": "customer", "payment_intent": "payment_intent"}


def operations(sales: Payments) -> Operations:
    """The operations of /v1/charges."""
    return {
        "POST /v1/charges": create,
        "GET /v1/charges": list_charges,
        "GET /v1/charges/search": search,
        "GET /v1/charges/{charge}": retrieve,
        "POST /v1/charges/{charge}": update,
        "POST /v1/charges/{charge}/capture": capturer(sales),
    }


def create(call: Call) -> Document:
    """POST /v1/charges: the road from before PaymentIntents; in-person cards never could take it."""
    raise invalid(
        "Countertop's charges are made by PaymentIntents. Create and confirm a PaymentIntent instead of a charge.",
        param="source",
    )


def list_charges(call: Call) -> Listing:
    """GET /v1/charges."""
    for name, kind in FILTERS.items():
        if name in call.params:
            call.fetch(kind, call.params[name], param=name)
    return list_objects(call, KIND, where=filters_of(call, *FILTERS, "transfer_group"))


def search(call: Call) -> Document:
    """GET /v1/charges/search."""
    return search_objects(call, KIND)


def retrieve(call: Call) -> Document:
    """GET /v1/charges/{charge}."""
    return call.fetch(KIND, call.path["charge"], param="id", in_path=True)


def update(call: Call) -> Document:
    """POST /v1/charges/{charge}: description, metadata, receipt_email, shipping, fraud_details, customer."""
    before = call.fetch(KIND, call.path["charge"], param="id", in_path=True)
    if call.params.get("customer"):
        call.fetch("customer", call.params["customer"], param="customer")
    after = merge(before, call.params)
    return call.save(after, "charge.updated", before) if after != before else after


def capturer(sales: Payments) -> Handler:
    """POST /v1/charges/{charge}/capture."""

    def capture(call: Call) -> Document:
        charge = call.fetch(KIND, call.path["charge"], param="id", in_path=True)
        if charge["captured"]:
            raise invalid(f"Charge {charge['id']} has already been captured.", code="charge_already_captured")
        intent = call.fetch("payment_intent", charge["payment_intent"])
        if intent["status"] != "requires_capture":
            raise invalid(
                f"Charge {charge['id']} is no longer capturable: its authorization has ended.",
                code="charge_expired_for_capture",
            )
        amount = int(call.params["amount"] if "amount" in call.params else intent["amount_capturable"])
        captures.capture(sales, call, intent, amount, "amount")
        return call.fetch(KIND, charge["id"])

    return capture
