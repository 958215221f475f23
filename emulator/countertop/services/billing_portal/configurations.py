"""Portal configurations; an account has a default one from the first time that it is needed."""

from __future__ import annotations

from typing import Any

from countertop.api.errors import invalid
from countertop.api.lists import filters_of, list_objects
from countertop.api.scope import Call, Document, Listing, Operations
from countertop.api.shape import complete
from countertop.services.changes import merge, unset

KIND = "billing_portal.configuration"
UPDATED, CREATED = f"{KIND}.updated", f"{KIND}.created"
FEATURES: dict[str, dict[str, Any]] = {
    "customer_update": {"allowed_updates": [], "enabled": False},
    "invoice_history": {"enabled": False},
    "payment_method_update": {"enabled": False, "payment_method_configuration": None},
    "subscription_cancel": {
        "cancellation_reason": {"enabled": False, "options": []},
        "enabled": False,
        "mode": "at_period_end",
        "proration_behavior": "none",
    },
    "subscription_pause": {"enabled": False},
    "subscription_update": {
        "billing_cycle_anchor": None,
        "default_allowed_updates": [],
        "enabled": False,
        "products": None,
        "proration_behavior": "none",
        "schedule_at_period_end": {"conditions": []},
        "trial_update_behavior": "end_trial",
    },
}
# What the default configuration switches on: what a portal is for (docs/assumptions.md).
DEFAULT_FEATURES: dict[str, dict[str, Any]] = {
    "customer_update": {"allowed_updates": ["email", "address", "phone", "tax_id"], "enabled": True},
    "invoice_history": {"enabled": True},
    "payment_method_update": {"enabled": True},
    "subscription_cancel": {"enabled": True},
}


def operations() -> Operations:
    """The operations of /v1/billing_portal/configurations."""
    one = "/v1/billing_portal/configurations/{configuration}"
    return {
        "POST /v1/billing_portal/configurations": create,
        "GET /v1/billing_portal/configurations": list_configurations,
        f"GET {one}": retrieve,
        f"POST {one}": update,
    }


def create(call: Call) -> Document:
    """POST /v1/billing_portal/configurations."""
    features = call.params["features"]
    _check(features)
    return call.save(_document(call, unset(dict(call.params)), features, is_default=False), CREATED)


def list_configurations(call: Call) -> Listing:
    """GET /v1/billing_portal/configurations: by ``active`` and ``is_default``."""
    return list_objects(call, KIND, where=filters_of(call, "active", "is_default"))


def retrieve(call: Call) -> Document:
    """GET /v1/billing_portal/configurations/{configuration}."""
    return call.fetch(KIND, call.path["configuration"], param="configuration", in_path=True)


def update(call: Call) -> Document:
    """POST /v1/billing_portal/configurations/{configuration}."""
    before = retrieve(call)
    if call.params.get("active") is False and before["is_default"]:
        raise invalid("The default configuration cannot be deactivated.", param="active")
    _check(call.params.get("features") or {})
    after = complete(KIND, merge(before, call.params))
    if after == before:
        return after
    after["updated"] = call.now
    return call.save(after, UPDATED, before)


def default_of(call: Call) -> Document:
    """The account's default configuration, made when there is none yet."""
    for name, _ in call.tx.each(call.account.id, KIND, where={"is_default": True}):
        return call.fetch(KIND, name)
    return call.save(_document(call, {}, DEFAULT_FEATURES, is_default=True), CREATED)


def _document(call: Call, given: Document, features: Document, *, is_default: bool) -> Document:
    login = {"enabled": bool((given.get("login_page") or {}).get("enabled")), "url": None}
    profile = {"headline": None, "privacy_policy_url": None, "terms_of_service_url": None}
    return complete(
        KIND,
        {
            "id": call.new_id(KIND),
            "object": KIND,
            "active": True,
            "application": None,
            "business_profile": profile | (given.get("business_profile") or {}),
            "created": call.now,
            "default_return_url": given.get("default_return_url"),
            "features": {name: merge(base, features.get(name) or {}) for name, base in FEATURES.items()},
            "is_default": is_default,
            "livemode": False,
            "login_page": login,
            "metadata": given.get("metadata") or {},
            "name": given.get("name"),
            "updated": call.now,
        },
    )


def _check(features: Document) -> None:
    """A feature that is switched on must say what it allows."""
    customer = features.get("customer_update") or {}
    if customer.get("enabled") and not customer.get("allowed_updates"):
        raise invalid(
            "Missing required param: features[customer_update][allowed_updates].",
            code="parameter_missing",
            param="features[customer_update][allowed_updates]",
        )
    changing = features.get("subscription_update") or {}
    for name in ("default_allowed_updates", "products"):
        if changing.get("enabled") and not changing.get(name):
            param = f"features[subscription_update][{name}]"
            raise invalid(f"Missing required param: {param}.", code="parameter_missing", param=param)
