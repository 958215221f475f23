"""PaymentIntents: create, read, change; what moves one on is in :mod:`.intent_steps` (terminal.md §2.6)."""

from __future__ import annotations

from countertop.api.errors import invalid, missing_resource, unauthorized
from countertop.api.lists import filters_of, list_objects
from countertop.api.scope import Call, Document, Handler, Listing, Operations, Stored
from countertop.api.search import search_objects
from countertop.api.shape import complete
from countertop.services.changes import merge, unset
from countertop.services.payments import status
from countertop.services.payments.amounts import check_amount, check_currency
from countertop.services.payments.intent_steps import Steps
from countertop.services.payments.sales import Payments

KIND = "payment_intent"
# Parameters that steer the call, and are not members of the object.
STEERING = (
    "confirm",
    "confirmation_token",
    "error_on_requires_action",
    "mandate",
    "mandate_data",
    "off_session",
    "payment_method_data",
    "radar_options",
    "return_url",
    "use_stripe_sdk",
)
# What an intent that was authorized or paid was authorized with; it cannot become another payment afterwards.
LOCKED = (
    "amount",
    "capture_method",
    "confirmation_method",
    "currency",
    "customer",
    "payment_method",
    "payment_method_data",
    "payment_method_types",
)


def operations(sales: Payments) -> Operations:
    """The operations of /v1/payment_intents."""
    steps = Steps(sales)
    one = "/v1/payment_intents/{intent}"
    return {
        "POST /v1/payment_intents": creator(steps),
        "GET /v1/payment_intents": list_intents,
        "GET /v1/payment_intents/search": search,
        f"GET {one}": retrieve,
        f"POST {one}": updater(steps),
        f"POST {one}/confirm": steps.confirm,
        f"POST {one}/capture": steps.capture,
        f"POST {one}/cancel": steps.cancel,
        f"POST {one}/increment_authorization": steps.increment,
        f"POST {one}/apply_customer_balance": steps.apply_customer_balance,
        f"POST {one}/verify_microdeposits": steps.verify_microdeposits,
        f"GET {one}/amount_details_line_items": list_line_items,
    }


def creator(steps: Steps) -> Handler:
    """POST /v1/payment_intents."""

    def create(call: Call) -> Document:
        params = dict(call.params)
        currency = check_currency(params["currency"])
        check_amount(params["amount"], currency)
        _check_references(call, params)
        types = _types(params)
        intent_id = call.new_id(KIND)
        intent: Document = {
            "id": intent_id,
            "object": KIND,
            "amount": params["amount"],
            "amount_capturable": 0,
            "amount_details": {"tip": {}},
            "amount_received": 0,
            "automatic_payment_methods": None if types else {"allow_redirects": "always", "enabled": True},
            "capture_method": "automatic",
            "client_secret": f"{intent_id}_secret_{call.ids.text(25)}",
            "confirmation_method": "automatic",
            "created": call.now,
            "livemode": False,
            "metadata": {},
            "payment_method_options": {},
            "payment_method_types": types or ["card"],
            "status": "requires_payment_method",
        }
        given = unset({name: value for name, value in params.items() if name not in STEERING})
        intent |= given | {"currency": currency, "payment_method_types": types or ["card"]}
        intent["payment_method_options"] = _options(intent)
        status.check_capture(intent)
        document = complete(KIND, intent)
        if document["payment_method"] is not None or "payment_method_data" in params:
            document |= {"payment_method": steps.method_id(call, params, document), "status": "requires_confirmation"}
        call.save(document, "payment_intent.created")
        if not params.get("confirm"):
            return document
        # The method that the parameters describe is made already.
        rest = {name: value for name, value in params.items() if name not in ("payment_method", "payment_method_data")}
        return steps.confirm_intent(call, document, rest)

    return create


def updater(steps: Steps) -> Handler:
    """POST /v1/payment_intents/{intent}."""

    def update(call: Call) -> Document:
        before = call.fetch(KIND, call.path["intent"], param="intent", in_path=True)
        params = dict(call.params)
        types = _types(params)
        if types:
            params["payment_method_types"] = types
        locked = [name for name in LOCKED if name in params]
        if before["status"] == "canceled" or (locked and before["status"] in ("succeeded", "requires_capture")):
            raise status.unexpected(before, "update", status.CONFIRMABLE)
        if "currency" in params:
            params["currency"] = check_currency(params["currency"])
        if "amount" in params:
            check_amount(params["amount"], str(params.get("currency", before["currency"])))
        _check_references(call, params)
        after = merge(before, {name: value for name, value in params.items() if name not in STEERING})
        after["payment_method_options"] = _options(after)
        status.check_capture(after)
        if params.get("payment_method") or "payment_method_data" in params:
            after["payment_method"] = steps.method_id(call, params, after)
            if after["status"] == "requires_payment_method":
                after["status"] = "requires_confirmation"
        return call.save(after) if after != before else after

    return update


def retrieve(call: Call) -> Document | Stored:
    """GET /v1/payment_intents/{intent}: a publishable key needs the client secret."""
    intent_id = call.path["intent"]
    body = call.tx.raw(call.account.id, KIND, intent_id)
    if body is None:
        raise missing_resource(KIND, intent_id, param="intent", in_path=True)
    if call.key_kind == "pk" or "client_secret" in call.params:
        intent = call.fetch(KIND, intent_id)
        if call.params.get("client_secret") != intent["client_secret"]:
            raise unauthorized("The client_secret provided does not match the client_secret of this PaymentIntent.")
    return Stored(body)


def list_intents(call: Call) -> Listing:
    """GET /v1/payment_intents."""
    if "customer" in call.params:
        call.fetch("customer", call.params["customer"], param="customer")
    return list_objects(call, KIND, where=filters_of(call, "customer"))


def search(call: Call) -> Document:
    """GET /v1/payment_intents/search."""
    return search_objects(call, KIND)


def list_line_items(call: Call) -> Document:
    """GET /v1/payment_intents/{intent}/amount_details_line_items: those that the intent was given."""
    intent = call.fetch(KIND, call.path["intent"], param="intent", in_path=True)
    items = (intent.get("amount_details") or {}).get("line_items") or []
    data = items["data"] if isinstance(items, dict) else []
    return {"object": "list", "data": data, "has_more": False, "url": call.url}


def _types(params: Document) -> list[str] | None:
    """The method types that a call names: ``allowed_payment_method_types``, which older SDKs call by its old name."""
    if "payment_method_types" in params and "allowed_payment_method_types" in params:
        raise invalid(
            "Received both payment_method_types and allowed_payment_method_types parameters. Please pass in only one.",
            code="parameters_exclusive",
        )
    return params.get("allowed_payment_method_types") or params.get("payment_method_types")


def _check_references(call: Call, params: Document) -> None:
    if params.get("customer"):
        call.fetch("customer", params["customer"], param="customer")


def _options(intent: Document) -> Document:
    """Options of the intent's method types; ``card_present`` always shows its two requests."""
    options = dict(intent.get("payment_method_options") or {})
    for kind in intent["payment_method_types"]:
        if kind == "card_present":
            options[kind] = {
                "request_extended_authorization": False,
                "request_incremental_authorization_support": False,
                **(options.get(kind) or {}),
            }
        elif kind == "interac_present":
            options.setdefault(kind, {})
        elif kind == "card":
            options[kind] = {
                "installments": None,
                "mandate_options": None,
                "network": None,
                "request_three_d_secure": "automatic",
                **(options.get(kind) or {}),
            }
    return options
