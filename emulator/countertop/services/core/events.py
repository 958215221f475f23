"""Events: retrieve, and list with type filters (api-conventions §10)."""

from __future__ import annotations

import orjson

from countertop.api.catalog import Catalog
from countertop.api.errors import invalid, missing_resource
from countertop.api.events import matching_types
from countertop.api.lists import list_objects
from countertop.api.scope import Call, Handler, Listing, Operations, Stored

DAYS_AVAILABLE = 30
DAY_S = 86_400


def operations(catalog: Catalog) -> Operations:
    """The operations of /v1/events."""
    return {"GET /v1/events": lister(catalog.event_types), "GET /v1/events/{id}": retrieve}


def retrieve(call: Call) -> Stored:
    """GET /v1/events/{id}: for 30 days."""
    body = call.tx.raw(call.account.id, "event", call.path["id"])
    if body is None or orjson.loads(body)["created"] <= call.now - DAYS_AVAILABLE * DAY_S:
        raise missing_resource("event", call.path["id"], param="id", in_path=True)
    return Stored(body)


def lister(known: frozenset[str]) -> Handler:
    """GET /v1/events, knowing the event types that a wildcard may cover."""

    def list_events(call: Call) -> Listing:
        params = call.params
        if "type" in params and "types" in params:
            raise invalid("You may not specify both type and types.", param="type")
        if len(params.get("types", ())) > 20:
            raise invalid("You may specify up to 20 event types.", param="types")
        where: dict[str, object] = {}
        _narrow_to_available(call)
        if "type" in params or "types" in params:
            patterns = params["types"] if "types" in params else [params["type"]]
            wanted = sorted({name for pattern in patterns for name in matching_types(pattern, known)})
            where["type"] = wanted[0] if len(wanted) == 1 else tuple(wanted)
        if "delivery_success" in params:
            # An event counts as delivered when no delivery of it is still waiting for its 2xx.
            where["pending_webhooks"] = 0 if params["delivery_success"] else tuple(range(1, 17))
        return list_objects(call, "event", where=where)

    return list_events


def _narrow_to_available(call: Call) -> None:
    """Let the range of creation begin no earlier than thirty days ago."""
    oldest = call.now - DAYS_AVAILABLE * DAY_S
    given = call.params.get("created")
    asked = {"gte": given, "lte": given} if isinstance(given, int) else dict(given or {})
    call.params["created"] = asked | {"gt": max(oldest, asked.get("gt", oldest))}
