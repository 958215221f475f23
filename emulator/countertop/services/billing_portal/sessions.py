"""Portal sessions: made for a customer, short-lived, with deep-link flows and a page behind ``url``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from countertop.api.errors import invalid
from countertop.api.scope import Call, Document, Handler, Operations
from countertop.api.shape import complete
from countertop.services.billing_portal import configurations

KIND = "billing_portal.session"
PAGES = "_portal_page"
"""Rows ``{id: token, account, session, expires_ms}`` in account "": which session a URL shows, and until when."""
FIRST_OPENED_WITHIN_MS = 5 * 60_000
OPEN_FOR_MS = 60 * 60_000
# A flow's type -> the feature that the configuration must have switched on.
FEATURE_OF_FLOW = {
    "customer_update": "customer_update",
    "payment_method_update": "payment_method_update",
    "subscription_cancel": "subscription_cancel",
    "subscription_pause": "subscription_pause",
    "subscription_update": "subscription_update",
    "subscription_update_confirm": "subscription_update",
}
FLOW_DETAILS = ("subscription_cancel", "subscription_pause", "subscription_update", "subscription_update_confirm")


def operations(public_url: Callable[[], str]) -> Operations:
    """The operations of /v1/billing_portal/sessions; a session cannot be read back."""
    return {"POST /v1/billing_portal/sessions": creator(public_url)}


def creator(public_url: Callable[[], str]) -> Handler:
    """POST /v1/billing_portal/sessions."""

    def create(call: Call) -> Document:
        params = call.params
        if not params.get("customer"):
            raise invalid("Missing required param: customer.", code="parameter_missing", param="customer")
        customer = call.fetch("customer", params["customer"], param="customer")
        configuration = _configuration(call)
        return_url = params.get("return_url") or configuration["default_return_url"]
        if return_url is not None and not return_url.startswith(("http://", "https://")):
            raise invalid("Not a valid URL", code="url_invalid", param="return_url")
        token = "test_" + call.ids.text(32)
        session = complete(
            KIND,
            {
                "id": call.new_id(KIND),
                "object": KIND,
                "configuration": configuration["id"],
                "created": call.now,
                "customer": customer["id"],
                "flow": _flow(call, configuration, params.get("flow_data")),
                "livemode": False,
                "locale": params.get("locale"),
                "on_behalf_of": params.get("on_behalf_of"),
                "return_url": return_url,
                "url": f"{public_url()}/p/session/{token}",
            },
        )
        page: dict[str, Any] = {
            "id": token,
            "account": call.account.id,
            "session": session["id"],
            "expires_ms": call.clock.now_ms() + FIRST_OPENED_WITHIN_MS,
        }
        call.tx.put("", PAGES, page, created=call.now)
        return call.save(session, "billing_portal.session.created")

    return create


def _configuration(call: Call) -> Document:
    name = call.params.get("configuration")
    if name is None:
        return configurations.default_of(call)
    configuration = call.fetch(configurations.KIND, name, param="configuration")
    if not configuration["active"]:
        raise invalid(f"The configuration {name} is not active.", param="configuration")
    return configuration


def _flow(call: Call, configuration: Document, data: Document | None) -> Document | None:
    if data is None:
        return None
    kind = data["type"]
    if not configuration["features"][FEATURE_OF_FLOW[kind]]["enabled"]:
        raise invalid(
            f"The flow {kind} needs the feature {FEATURE_OF_FLOW[kind]}, which is disabled in the configuration "
            f"{configuration['id']}.",
            param="flow_data[type]",
        )
    details: Document = dict.fromkeys(FLOW_DETAILS)
    if kind in FLOW_DETAILS:
        details[kind] = _details(call, kind, data.get(kind))
    for name in FLOW_DETAILS:
        if name != kind and name in data:
            raise invalid(
                f"flow_data[{name}] can only be given when flow_data[type] is {name}.", param=f"flow_data[{name}]"
            )
    return {"after_completion": _after(data.get("after_completion")), **details, "type": kind}


def _details(call: Call, kind: str, given: Document | None) -> Document:
    param = f"flow_data[{kind}]"
    if not given:
        raise invalid(f"Missing required param: {param}.", code="parameter_missing", param=param)
    subscription = call.fetch("subscription", given["subscription"], param=f"{param}[subscription]")
    if subscription.get("customer") != call.params["customer"]:
        raise invalid("The subscription does not belong to this customer.", param=f"{param}[subscription]")
    if kind == "subscription_cancel":
        return {"retention": given.get("retention"), "subscription": subscription["id"]}
    if kind == "subscription_update_confirm":
        items = [{"id": None, "price": None, "quantity": None, **item} for item in given.get("items") or []]
        discounts = given.get("discounts")
        return {"discounts": discounts, "items": items, "subscription": subscription["id"]}
    return {"subscription": subscription["id"]}


def _after(given: Document | None) -> Document:
    after: Document = {"hosted_confirmation": None, "redirect": None, "type": "portal_homepage"}
    if given is None:
        return after
    after["type"] = given["type"]
    if given["type"] == "redirect":
        if not given.get("redirect"):
            param = "flow_data[after_completion][redirect]"
            raise invalid(f"Missing required param: {param}.", code="parameter_missing", param=param)
        after["redirect"] = given["redirect"]
    elif given["type"] == "hosted_confirmation":
        hosted = given.get("hosted_confirmation") or {}
        after["hosted_confirmation"] = {"custom_message": hosted.get("custom_message")}
    return after
