"""Webhook endpoints (api-conventions §11.1).  The signing secret is shown once and kept beside the object."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from countertop.api.errors import invalid
from countertop.api.events import fresh_secret
from countertop.api.lists import list_objects
from countertop.api.scope import Call, Document, Listing, Operations
from countertop.api.shape import complete
from countertop.services.changes import merge, unset
from countertop.webhooks.deliveries import PRIVATE

KIND = "webhook_endpoint"
MOST = 16


def operations() -> Operations:
    """The operations of /v1/webhook_endpoints."""
    return {
        "POST /v1/webhook_endpoints": create,
        "GET /v1/webhook_endpoints": list_endpoints,
        "GET /v1/webhook_endpoints/{webhook_endpoint}": retrieve,
        "POST /v1/webhook_endpoints/{webhook_endpoint}": update,
        "DELETE /v1/webhook_endpoints/{webhook_endpoint}": delete,
    }


def create(call: Call) -> Document:
    """POST /v1/webhook_endpoints: the only answer that has ``secret``."""
    params = dict(call.params)
    _check_url(params["url"])
    _check_events(params["enabled_events"])
    if call.tx.count(call.account.id, KIND) >= MOST:
        raise invalid(f"You have reached the maximum of {MOST} test webhook endpoints.")
    connect = params.pop("connect", False)
    endpoint: Document = {
        "id": call.new_id(KIND),
        "object": KIND,
        "created": call.now,
        "livemode": False,
        "metadata": {},
        "status": "enabled",
    }
    secret = fresh_secret(call.ids)
    document = call.save(complete(KIND, endpoint | unset(params)))
    private: dict[str, Any] = {"id": document["id"], "secret": secret, "connect": connect}
    call.tx.put(call.account.id, PRIVATE, private, created=call.now)
    return document | {"secret": secret}


def list_endpoints(call: Call) -> Listing:
    """GET /v1/webhook_endpoints."""
    return list_objects(call, KIND)


def retrieve(call: Call) -> Document:
    """GET /v1/webhook_endpoints/{webhook_endpoint}."""
    return call.fetch(KIND, call.path["webhook_endpoint"], param="id", in_path=True)


def update(call: Call) -> Document:
    """POST /v1/webhook_endpoints/{webhook_endpoint}: ``disabled`` switches it off and on."""
    before = call.fetch(KIND, call.path["webhook_endpoint"], param="id", in_path=True)
    params = dict(call.params)
    if "url" in params:
        _check_url(params["url"])
    if "enabled_events" in params:
        _check_events(params["enabled_events"])
    disabled = params.pop("disabled", None)
    after = merge(before, params)
    if disabled is not None:
        after["status"] = "disabled" if disabled else "enabled"
    return call.save(after)


def delete(call: Call) -> Document:
    """DELETE /v1/webhook_endpoints/{webhook_endpoint}: deliveries still pending are dropped."""
    endpoint = call.fetch(KIND, call.path["webhook_endpoint"], param="id", in_path=True)
    call.tx.delete(call.account.id, PRIVATE, endpoint["id"])
    return call.remove(endpoint)


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    if not good or any(letter.isspace() for letter in url):
        raise invalid(f"Invalid URL: {url[:200]}", code="url_invalid", param="url")


def _check_events(names: list[str]) -> None:
    if not names:
        raise invalid("You must select at least one event.", param="enabled_events")
