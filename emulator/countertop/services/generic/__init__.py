"""What every resource can do without a service of its own: create, retrieve, update, delete, list, search.

Objects are stored, listed, expanded and deleted like any other; members that no service computes have neutral
values of the right type.  Verbs beyond that answer an honest 501.
"""

from __future__ import annotations

from countertop.api.catalog import Endpoint
from countertop.api.errors import not_implemented
from countertop.api.scope import Call, Document, Handler
from countertop.api.search import search_objects
from countertop.services.generic import crud, listing, singletons

__all__ = ["operation_for"]


def operation_for(endpoint: Endpoint) -> Handler | None:
    """The generic behaviour of an endpoint: never None for v1, always None for v2."""
    if endpoint.v2:
        return None
    makers = {
        "create": crud.creator,
        "retrieve": crud.retriever,
        "update": crud.updater,
        "delete": crud.deleter,
        "list": listing.lister,
        "singleton": singletons.keeper,
        "search": _searcher,
        "action": _unknown,
    }
    return makers[endpoint.does](endpoint)


def _searcher(endpoint: Endpoint) -> Handler:
    kind = endpoint.kinds[0]
    return lambda call: search_objects(call, kind)


def _unknown(endpoint: Endpoint) -> Handler:
    def refuse(call: Call) -> Document:
        raise not_implemented(endpoint.operation)

    return refuse
