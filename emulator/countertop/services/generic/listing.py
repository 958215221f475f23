"""Lists of any type, filtered by the endpoint's parameters that are members of it (api-conventions §5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from countertop.api.catalog import Endpoint, Field, load
from countertop.api.catalog.codes import split_optional
from countertop.api.lists import AFTER, BEFORE, list_objects, page_of
from countertop.api.scope import Call, Document, Handler, Listing
from countertop.services.generic.references import check_references
from countertop.services.generic.shelf import Shelf

PLUMBING = frozenset({"limit", AFTER, BEFORE, "created"})
COMPARE = {
    "gt": lambda found, bound: found > bound,
    "gte": lambda found, bound: found >= bound,
    "lt": lambda found, bound: found < bound,
    "lte": lambda found, bound: found <= bound,
}


def lister(endpoint: Endpoint) -> Handler:
    """``GET`` of a collection."""
    shelf = Shelf(endpoint)
    kind = endpoint.kinds[0]
    resource = load().resource(kind)
    fields = resource.fields if resource is not None else {}

    def list_them(call: Call) -> Listing:
        parent = shelf.check_parent(call)
        check_references(call, fields, {name: call.params[name] for name in call.params.keys() - PLUMBING})
        where, ranges = shelf.where(parent), {}
        for name, value in call.params.items():
            if name in PLUMBING:
                continue
            if isinstance(value, dict) and value.keys() <= COMPARE.keys() and value:
                ranges[name] = value
            else:
                where |= _filters(fields, name, value)
        place = shelf.place(parent)
        if not ranges:
            return list_objects(call, kind, where=where, stored_as=place)
        # Ranges of other times than creation have no index: the filtered objects are looked at one by one.
        found = [
            (name, body)
            for name, body in call.tx.each(call.account.id, place, where=where)
            if _within(orjson.loads(body), {**ranges, **_created_range(call.params)})
        ]
        return page_of(call, kind, found)

    return list_them


def _created_range(params: Document) -> Document:
    created = params.get("created")
    if created is None:
        return {}
    return {"created": created if isinstance(created, dict) else {"gte": created, "lte": created}}


def _within(document: Document, ranges: Mapping[str, Mapping[str, int]]) -> bool:
    for name, bounds in ranges.items():
        value = document.get(name)
        if not isinstance(value, int) or not all(COMPARE[word](value, bound) for word, bound in bounds.items()):
            return False
    return True


def _filters(fields: Mapping[str, Field], name: str, value: Any) -> Document:
    """Filters on members; parameters that are no members (``status=all``, hints) filter nothing."""
    if isinstance(value, list):
        single = fields.get(name.removesuffix("s"))
        return {single.name: tuple(value)} if single is not None and value else {}
    member = fields.get(name)
    if member is None:
        return {}
    if isinstance(value, dict):
        inner = _hash_fields(member)
        return {f"{name}.{path}": found for key in value for path, found in _filters(inner, key, value[key]).items()}
    if value == "":
        return {name: None}
    if name == "object":
        return {name: value}  # of a collection that several types share
    values = _enum_values(member)
    return {} if values and value not in values else {name: value}


def _hash_fields(member: Field) -> Mapping[str, Field]:
    _, code = split_optional(member.code)
    return load().hash_fields(code[1:]) if isinstance(code, str) and code.startswith("@") else {}


def _enum_values(member: Field) -> tuple[str, ...]:
    _, code = split_optional(member.code)
    return load().enum(code) if code[0] in ("%", "e") else ()
