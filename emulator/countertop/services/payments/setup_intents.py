"""SetupIntents: create, read, change, confirm, cancel; what a card does to one is in :mod:`.setups` (§2.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countertop.api.errors import ApiError, card_error, invalid, not_implemented, unauthorized
from countertop.api.lists import filters_of, list_objects
from countertop.api.scope import Call, Document, Listing, Operations
from countertop.api.shape import complete
from countertop.services.changes import merge, unset
from countertop.services.payments.method_objects import IN_PERSON
from countertop.services.payments.payment_methods import make_card, resolve
from countertop.services.payments.setups import ATTEMPT, KIND, Setups

if TYPE_CHECKING:
    from countertop.services.payments.sales import Payments

OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
# Parameters that steer the call, and are not members of the object.
STEERING = (
    "confirm",
    "confirmation_token",
    "mandate_data",
    "payment_method_configuration",
    "payment_method_data",
    "return_url",
    "single_use",
    "use_stripe_sdk",
)
CARD_OPTIONS = {"mandate_options": None, "network": None, "request_three_d_secure": "automatic"}


def operations(sales: Payments) -> Operations:
    """The operations of /v1/setup_intents and /v1/setup_attempts."""
    handlers = SetupIntents(sales)
    one = "/v1/setup_intents/{intent}"
    return {
        "POST /v1/setup_intents": handlers.create,
        "GET /v1/setup_intents": list_intents,
        f"GET {one}": retrieve,
        f"POST {one}": handlers.update,
        f"POST {one}/confirm": handlers.confirm,
        f"POST {one}/cancel": cancel,
        f"POST {one}/verify_microdeposits": verify_microdeposits,
        "GET /v1/setup_attempts": list_attempts,
    }


class SetupIntents:
    """The handlers that make or charge cards."""

    def __init__(self, sales: Payments) -> None:
        self._sales = sales
        self._setups = Setups(sales)

    def create(self, call: Call) -> Document:
        """POST /v1/setup_intents."""
        params = dict(call.params)
        _check_customer(call, params)
        types = _types(params)
        _check_country(call, types or [])
        intent_id = call.new_id(KIND)
        intent: Document = {
            "id": intent_id,
            "object": KIND,
            "client_secret": f"{intent_id}_secret_{call.ids.text(25)}",
            "created": call.now,
            "livemode": False,
            "metadata": {},
            "usage": "off_session",
        }
        intent |= unset({name: value for name, value in params.items() if name not in STEERING})
        if not types and "automatic_payment_methods" not in params:
            intent["automatic_payment_methods"] = {"allow_redirects": "always", "enabled": True}
        intent |= {"payment_method_types": types or ["card"], "status": "requires_payment_method"}
        intent["payment_method_options"] = _options(intent)
        document = complete(KIND, intent)
        if params.get("payment_method") or "payment_method_data" in params:
            document |= {"payment_method": self._method_id(call, params, document), "status": "requires_confirmation"}
        call.save(document, "setup_intent.created")
        return self._confirm(call, document, {}) if params.get("confirm") else document

    def update(self, call: Call) -> Document:
        """POST /v1/setup_intents/{intent}."""
        before = _of_path(call)
        if before["status"] not in OPEN:
            raise _unexpected(before, "update")
        params = dict(call.params)
        _check_customer(call, params)
        types = _types(params)
        _check_country(call, types or [])
        after = merge(before, {name: value for name, value in params.items() if name not in STEERING})
        if types:
            after["payment_method_types"] = types
        after["payment_method_options"] = _options(after)
        if params.get("payment_method") or "payment_method_data" in params:
            after["payment_method"] = self._method_id(call, params, after)
            if after["status"] == "requires_payment_method":
                after["status"] = "requires_confirmation"
        return call.save(complete(KIND, after)) if after != before else after

    def confirm(self, call: Call) -> Document:
        """POST …/confirm.  Raises ApiError 402 for a decline."""
        intent = _of_path(call)
        if call.key_kind == "pk" and call.params.get("client_secret") != intent["client_secret"]:
            raise invalid("The client_secret provided does not match this SetupIntent.", param="client_secret")
        return self._confirm(call, intent, call.params)

    def _confirm(self, call: Call, intent: Document, params: Document) -> Document:
        if intent["status"] not in OPEN:
            raise _unexpected(intent, "confirm")
        if params.get("payment_method") or "payment_method_data" in params:
            intent["payment_method"] = self._method_id(call, params, intent)
        if intent["payment_method"] is None:
            raise _unexpected(
                intent,
                "confirm",
                "You cannot confirm this SetupIntent because it's missing a payment method. Update the SetupIntent "
                "with a payment method, or confirm it with one.",
            )
        method = call.fetch("payment_method", intent["payment_method"], param="payment_method")
        if method["type"] != "card":
            raise not_implemented(f"setting up a payment method of type {method['type']}")
        done = self._setups.confirm(call, intent, method)
        if done.problem is not None:
            members = {name: value for name, value in done.problem.items() if name not in ("code", "message", "type")}
            members.pop("doc_url", None)
            raise card_error(done.problem["message"], done.problem["code"], **members, setup_intent=done.setup_intent)
        return done.setup_intent

    def _method_id(self, call: Call, params: Document, intent: Document) -> str:
        if "payment_method_data" in params:
            method = make_card(self._sales, call, params["payment_method_data"])
        else:
            method = resolve(self._sales, call, params["payment_method"])
        if method["type"] in IN_PERSON:
            raise invalid(
                f"A PaymentMethod of type {method['type']} cannot be set up: present the card to a reader with "
                "process_setup_intent.",
                param="payment_method",
            )
        if method["type"] not in intent["payment_method_types"]:
            raise invalid(
                f"The PaymentMethod provided ({method['type']}) is not allowed for this SetupIntent. Please attach a "
                f"PaymentMethod of one of the following types: {', '.join(intent['payment_method_types'])}.",
                param="payment_method",
            )
        if method["customer"] not in (None, intent["customer"]):
            raise invalid(
                f"The provided PaymentMethod ({method['id']}) belongs to a Customer: pass that customer too.",
                param="payment_method",
            )
        return str(method["id"])


def retrieve(call: Call) -> Document:
    """GET /v1/setup_intents/{intent}: a publishable key needs the client secret."""
    intent = _of_path(call)
    if (call.key_kind == "pk" or "client_secret" in call.params) and (
        call.params.get("client_secret") != intent["client_secret"]
    ):
        raise unauthorized("The client_secret provided does not match the client_secret of this SetupIntent.")
    return intent


def list_intents(call: Call) -> Listing:
    """GET /v1/setup_intents."""
    for name in ("customer", "payment_method"):
        if name in call.params:
            call.fetch(name, call.params[name], param=name)
    return list_objects(call, KIND, where=filters_of(call, "attach_to_self", "customer", "payment_method"))


def cancel(call: Call) -> Document:
    """POST …/cancel."""
    intent = _of_path(call)
    if intent["status"] not in OPEN:
        raise _unexpected(intent, "cancel")
    after = intent | {
        "cancellation_reason": call.params.get("cancellation_reason"),
        "next_action": None,
        "status": "canceled",
    }
    return call.save(after, "setup_intent.canceled")


def verify_microdeposits(call: Call) -> Document:
    """POST …/verify_microdeposits: no intent of ours ever waits for them, and that is the answer."""
    raise _unexpected(_of_path(call), "verify")


def list_attempts(call: Call) -> Listing:
    """GET /v1/setup_attempts: those of one SetupIntent."""
    call.fetch(KIND, call.params["setup_intent"], param="setup_intent")
    return list_objects(call, ATTEMPT, where=filters_of(call, "setup_intent"))


def _of_path(call: Call) -> Document:
    return call.fetch(KIND, call.path["intent"], param="intent", in_path=True)


def _check_customer(call: Call, params: Document) -> None:
    if params.get("customer"):
        call.fetch("customer", params["customer"], param="customer")


def _check_country(call: Call, types: list[str]) -> None:
    if call.account.country == "JP" and "card_present" in types:
        raise invalid(
            "In Japan an in-person card is saved after a payment only: use setup_future_usage on a PaymentIntent.",
            param="payment_method_types",
        )


def _types(params: Document) -> list[str] | None:
    if "payment_method_types" in params and "allowed_payment_method_types" in params:
        raise invalid(
            "Received both payment_method_types and allowed_payment_method_types parameters. Please pass in only one.",
            code="parameters_exclusive",
        )
    return params.get("allowed_payment_method_types") or params.get("payment_method_types")


def _options(intent: Document) -> Document | None:
    """Options of the intent's method types; null when none of them has any."""
    options = dict(intent.get("payment_method_options") or {})
    for kind in intent["payment_method_types"]:
        if kind == "card":
            options[kind] = CARD_OPTIONS | (options.get(kind) or {})
        elif kind == "card_present":
            options.setdefault(kind, {})
    return options or None


def _unexpected(intent: Document, verb: str, message: str | None = None) -> ApiError:
    """400: the intent's state does not allow this; the error carries the intent."""
    return ApiError(
        400,
        "invalid_request_error",
        message or f"You cannot {verb} this SetupIntent because it has a status of {intent['status']}.",
        code="setup_intent_unexpected_state",
        extra={"setup_intent": intent},
    )
