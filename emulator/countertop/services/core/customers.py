"""Customers: generic but for deletion, which leaves a stub, and a few members that depend on each other."""

from __future__ import annotations

from collections.abc import Callable

from countertop.api.errors import ApiError, invalid, missing_resource
from countertop.api.lists import filters_of, list_objects
from countertop.api.scope import DELETED, Call, Document, Handler, Listing, Operations, Stored
from countertop.api.shape import complete
from countertop.services.changes import merge, unset

KIND = "customer"
NEVER_ATTACHED = ("card_present", "interac_present")
FindMethod = Callable[[Call, str], Document]
"""Finds a payment method by its id or by the name of a ready-made one; another family knows how."""
# Parameters that are not members of the object: they make other objects, or point at them.
NOT_STORED = ("payment_method", "source", "tax_id_data", "validate", "coupon", "promotion_code", "default_card")


def operations(find_method: FindMethod) -> Operations:
    """The operations of /v1/customers that need more than the generic service."""
    return {
        "POST /v1/customers": creator(find_method),
        "POST /v1/customers/{customer}": update,
        "GET /v1/customers/{customer}": retrieve,
        "DELETE /v1/customers/{customer}": delete,
        "DELETE /v1/customers/{customer}/discount": delete_discount,
        "GET /v1/customers/{customer}/payment_methods": list_payment_methods,
        "GET /v1/customers/{customer}/payment_methods/{payment_method}": retrieve_payment_method,
    }


def creator(find_method: FindMethod) -> Handler:
    """POST /v1/customers.  Source: Stripe API reference, customers; ids: api-conventions §8.3."""

    def create(call: Call) -> Document:
        params = dict(call.params)
        payment_method = params.pop("payment_method", None)
        customer: Document = {
            "id": call.new_id(KIND),
            "object": KIND,
            "created": call.now,
            "livemode": False,
            "balance": params.pop("balance", 0),
            "delinquent": False,
            "invoice_prefix": params.pop("invoice_prefix", None) or call.ids.text(8).upper(),
            "invoice_settings": _invoice_settings(params.pop("invoice_settings", {}) or {}),
            "next_invoice_sequence": params.pop("next_invoice_sequence", 1),
            "preferred_locales": params.pop("preferred_locales", []),
            "tax_exempt": params.pop("tax_exempt", None) or "none",
        }
        customer |= unset(_members(params))
        customer.setdefault("metadata", {})
        document = complete(KIND, customer)
        if payment_method is not None:
            _attach(call, find_method(call, payment_method), document)
        return call.save(document, "customer.created")

    return create


def update(call: Call) -> Document:
    """POST /v1/customers/{customer}: hashes are merged, arrays replaced, empty strings unset."""
    before = call.fetch(KIND, call.path["customer"], param="id", in_path=True)
    after = complete(KIND, merge(before, _members(call.params)))
    return call.save(after, "customer.updated", before) if after != before else after


def retrieve(call: Call) -> Stored:
    """GET /v1/customers/{customer}: a deleted one still answers, with its stub."""
    customer = call.path["customer"]
    body = call.tx.raw(call.account.id, KIND, customer) or call.tx.raw(call.account.id, KIND + DELETED, customer)
    if body is None:
        raise missing_resource("customer", customer, param="id", in_path=True)
    return Stored(body)


def delete(call: Call) -> Document:
    """DELETE /v1/customers/{customer}: payment methods are detached, the stub stays."""
    customer = call.fetch(KIND, call.path["customer"], param="id", in_path=True)
    for method, _ in list(call.tx.each(call.account.id, "payment_method", where={"customer": customer["id"]})):
        before = call.fetch("payment_method", method)
        call.save(before | {"customer": None}, "payment_method.detached", before)
    stub = call.remove(customer, keep_stub=True)
    call.emit("customer.deleted", customer)
    return stub


def delete_discount(call: Call) -> Document:
    """DELETE /v1/customers/{customer}/discount: 404 when there is none."""
    before = call.fetch(KIND, call.path["customer"], param="customer", in_path=True)
    discount: Document | None = before["discount"]
    if discount is None:
        raise ApiError(
            404,
            "invalid_request_error",
            f"No active discount for customer: {before['id']}",
            code="resource_missing",
            param="discount",
        )
    call.save(before | {"discount": None}, "customer.updated", before)
    call.emit("customer.discount.deleted", discount)
    return {**discount, "deleted": True}


def list_payment_methods(call: Call) -> Listing:
    """GET /v1/customers/{customer}/payment_methods."""
    call.fetch(KIND, call.path["customer"], param="customer", in_path=True)
    where = filters_of(call, "type", "allow_redisplay") | {"customer": call.path["customer"]}
    return list_objects(call, "payment_method", where=where)


def retrieve_payment_method(call: Call) -> Document:
    """GET /v1/customers/{customer}/payment_methods/{payment_method}."""
    call.fetch(KIND, call.path["customer"], param="customer", in_path=True)
    method = call.fetch("payment_method", call.path["payment_method"], param="payment_method", in_path=True)
    if method["customer"] != call.path["customer"]:
        raise missing_resource("PaymentMethod", method["id"], param="payment_method", in_path=True)
    return method


def _members(params: Document) -> Document:
    kept = {name: value for name, value in params.items() if name not in NOT_STORED}
    if isinstance(kept.get("cash_balance"), dict):
        kept.pop("cash_balance")  # its settings live at /v1/customers/{customer}/cash_balance
    if "tax" in kept:
        kept.pop("tax")  # shown only when expanded
    return kept


def _invoice_settings(given: Document) -> Document:
    settings: Document = {
        "custom_fields": None,
        "default_payment_method": None,
        "footer": None,
        "rendering_options": None,
    }
    return settings | unset(given)


def _attach(call: Call, method: Document, customer: Document) -> None:
    if method["type"] in NEVER_ATTACHED:
        raise invalid(
            f"PaymentMethods of type {method['type']} cannot be attached to customers: save the generated card.",
            param="payment_method",
        )
    if method["customer"] not in (None, customer["id"]):
        raise invalid("The payment method is already attached to another customer.", param="payment_method")
    before = method["customer"]
    method["customer"] = customer["id"]
    call.save(method, "payment_method.attached" if before is None else None)
