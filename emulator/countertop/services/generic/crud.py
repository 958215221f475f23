"""Create, retrieve, update and delete, for any type."""

from __future__ import annotations

from typing import Any

from countertop.api.catalog import Endpoint, Resource, load
from countertop.api.catalog.codes import split_optional
from countertop.api.errors import invalid
from countertop.api.scope import Call, Document, Handler, noun_of
from countertop.api.shape import complete
from countertop.services.generic.events import event_of
from countertop.services.generic.members import UNFIT, fit, members_of, merged
from countertop.services.generic.references import check_references
from countertop.services.generic.shelf import Shelf

# Of the types that share a collection, the one that is made when the parameters do not say which.
PREFERRED = ("card", "bank_account")
WRAPPED = ("source", "external_account")
"""Parameters that hold the members of an object of such a collection."""


def creator(endpoint: Endpoint) -> Handler:
    """``POST`` on a collection."""
    shelf = Shelf(endpoint)

    def create(call: Call) -> Document:
        parent = shelf.check_parent(call)
        params = dict(call.params)
        for name in WRAPPED:
            if len(endpoint.kinds) > 1 and isinstance(params.get(name), dict):
                params |= params.pop(name)
        kind = _kind_to_make(endpoint, params)
        resource = _resource(kind)
        check_references(call, resource.fields, params)
        document = _new(call, resource, params)
        parent_member = shelf.parent_members[kind]
        if parent is not None and parent_member is not None:
            document[parent_member] = parent
        _embed(call, resource, document, params)
        whole = complete(kind, document)
        if "id" not in resource.fields:
            return whole  # such as a login link: answered once, never looked up
        _check_free(call, shelf, whole, parent)
        shelf.keep(call, whole, parent)
        event = event_of(endpoint, kind, "created")
        if event is not None:
            call.emit(event, whole)
        return whole

    return create


def retriever(endpoint: Endpoint) -> Handler:
    """``GET`` of one object."""
    return Shelf(endpoint).find


def updater(endpoint: Endpoint) -> Handler:
    """``POST`` on one object."""
    shelf = Shelf(endpoint)

    def update(call: Call) -> Document:
        before = shelf.find(call)
        kind = before["object"]
        resource = _resource(kind)
        check_references(call, resource.fields, call.params)
        after = merged(resource.fields, before, call.params)
        _embed(call, resource, after, call.params)
        after = complete(kind, after)
        if after == before:
            return before
        if isinstance(after.get("updated"), int):
            after["updated"] = call.now
        parent = call.path[shelf.parent[1]] if shelf.parent is not None else None
        shelf.keep(call, after, parent)
        event = event_of(endpoint, kind, "updated")
        if event is not None:
            call.emit(event, after, before)
        return after

    return update


def deleter(endpoint: Endpoint) -> Handler:
    """``DELETE`` of one object: a stub now, 404 afterwards."""
    shelf = Shelf(endpoint)

    def delete(call: Call) -> Document:
        document = shelf.find(call)
        kind = document["object"]
        parent = call.path[shelf.parent[1]] if shelf.parent is not None else None
        shelf.drop(call, document, parent)
        event = event_of(endpoint, kind, "deleted")
        if event is not None:
            call.emit(event, document)
        return {"id": document["id"], "object": kind, "deleted": True}

    return delete


def _kind_to_make(endpoint: Endpoint, params: Document) -> str:
    if len(endpoint.kinds) == 1:
        return endpoint.kinds[0]
    named = params.get("object")
    if named in endpoint.kinds:
        return str(named)
    return next((kind for kind in PREFERRED if kind in endpoint.kinds), endpoint.kinds[0])


def _resource(kind: str) -> Resource:
    resource = load().resource(kind)
    assert resource is not None, kind
    return resource


def _new(call: Call, resource: Resource, params: Document) -> Document:
    """The members of a new object: what was given, and what every object gets."""
    document = members_of(resource.fields, params)
    given: dict[str, Any] = {
        "created": call.now,
        "updated": call.now,
        "currency": call.account.default_currency,
        "country": call.account.country,
    }
    for name, value in given.items():
        member = resource.fields.get(name)
        if member is not None and member.present and not member.nullable and document.get(name) is None:
            fitted = fit(load(), member.code, value)
            if fitted is not UNFIT:
                document[name] = fitted
    document["object"] = resource.kind
    if "id" in resource.fields and not document.get("id"):
        document["id"] = call.new_id(resource.kind)
    return document


def _embed(call: Call, resource: Resource, document: Document, params: Document) -> None:
    """Members that always hold a whole object are given by its id."""
    for name, value in params.items():
        member = resource.fields.get(name)
        _, code = split_optional(member.code) if member is not None else (False, "")
        if isinstance(code, str) and code.startswith("$") and isinstance(value, str) and value:
            found = call.get(code[1:], value)
            if found is not None:
                document[name] = found


def _check_free(call: Call, shelf: Shelf, document: Document, parent: str | None) -> None:
    if call.tx.raw(call.account.id, shelf.place(parent), document["id"]) is not None:
        noun = noun_of(document["object"]).replace("_", " ").capitalize()
        raise invalid(f"{noun} already exists.", code="resource_already_exists", param="id")
