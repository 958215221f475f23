"""Objects at a fixed place: the balance, tax settings, the cash balance of a customer."""

from __future__ import annotations

from countertop.api.catalog import Endpoint, load
from countertop.api.scope import Call, Document, Handler
from countertop.api.shape import complete
from countertop.services.generic.events import event_of
from countertop.services.generic.members import members_of, merged
from countertop.services.generic.references import check_references
from countertop.services.generic.shelf import Shelf

PLACE = "_singleton"
"""Rows ``{id: kind@parent, document}``: most of these objects have no id of their own."""


def keeper(endpoint: Endpoint) -> Handler:
    """``GET`` and ``POST`` of a singleton; it is there from the start."""
    shelf = Shelf(endpoint)
    kind = endpoint.kinds[0]
    resource = load().resource(kind)
    assert resource is not None, kind
    fields = resource.fields

    def keep(call: Call) -> Document:
        parent = shelf.check_parent(call)
        check_references(call, fields, call.params)
        row_id = f"{kind}@{parent or ''}"
        row = call.tx.get(call.account.id, PLACE, row_id)
        before: Document = row["document"] if row is not None else _first(call, parent)
        if endpoint.method == "GET":
            # Its parameters say which part is wanted; they are shown where the object has members for them.
            return complete(kind, before | members_of(fields, call.params))
        after = complete(kind, merged(fields, before, call.params))
        if after != before:
            call.tx.put(call.account.id, PLACE, {"id": row_id, "document": after}, created=call.now)
            event = event_of(endpoint, kind, "updated")
            if event is not None:
                call.emit(event, after, before)
        return after

    def _first(call: Call, parent: str | None) -> Document:
        document: Document = {"object": kind}
        if parent is not None and shelf.parent_member is not None:
            document[shelf.parent_member] = parent
        return complete(kind, document)

    return keep
