"""The shape of answers: what is always there, what may be null, what follows what (from the catalog).

:func:`complete` gives a document every member that its type always has; :func:`problems` says where a document
is not what the catalog describes.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from countertop.api.catalog import Catalog, Field, load
from countertop.api.catalog.codes import Code, split_optional
from countertop.api.shape_problems import problems

__all__ = ["complete", "problems"]

Document = dict[str, Any]
Make = Callable[[str, str], Any]
"""A fresh value for a member: (id of the document, name of the member)."""
Whole = Callable[[Any], Any]
"""A copy of a value with the hashes in it completed."""

ABSENT = object()
FIRST = ("id", "object")


class Template:
    """All members of a type in order, with the values of those that are always there."""

    def __init__(self, catalog: Catalog, fields: Mapping[str, Field], parents: tuple[str, ...]) -> None:
        names = [*(name for name in FIRST if name in fields), *sorted(fields.keys() - set(FIRST))]
        self._values: Document = dict.fromkeys(names, ABSENT)
        self._fresh: list[tuple[str, Make]] = []
        self._inner: list[tuple[str, Whole]] = []
        self._never_null = frozenset(name for name, member in fields.items() if not member.nullable)
        for name in names:
            member = fields[name]
            whole = _whole_of(catalog, member.code)
            if whole is not None:
                self._inner.append((name, whole))
            if not member.present:
                continue
            if name == "metadata":
                self._values[name] = None
                self._fresh.append((name, lambda _id, _name: {}))
            elif member.nullable:
                self._values[name] = None
            else:
                make = _maker(catalog, member.code, parents)
                self._values[name] = None
                self._fresh.append((name, make))

    def complete(self, document: Mapping[str, Any]) -> Document:
        """A copy in order, with what was missing; null where null cannot be counts as missing."""
        for name, value in document.items():
            if value is None and name in self._never_null:
                document = {
                    name: value for name, value in document.items() if value is not None or name not in self._never_null
                }
                break
        whole = {name: value for name, value in {**self._values, **document}.items() if value is not ABSENT}
        if len(self._fresh) > 0:
            identity = whole.get("id") or ""
            for name, make in self._fresh:
                if name not in document:
                    whole[name] = make(identity, name)
        for name, inner in self._inner:
            value = whole.get(name)
            if value is not None:
                whole[name] = inner(value)
        return whole


def complete(kind: str, document: Mapping[str, Any]) -> Document:
    """A copy of an object with every member that its type always has: null where it may be, else neutral.

    ``id`` and ``object`` come first, the others in alphabetical order; hashes inside are completed too.
    Raises KeyError for an unknown type.
    """
    return _template(kind).complete(document)


@functools.cache
def _template(kind: str) -> Template:
    return _template_under(kind, ())


def _template_under(kind: str, parents: tuple[str, ...]) -> Template:
    resource = load().resource(kind)
    if resource is None:
        raise KeyError(kind)
    return Template(load(), resource.fields, (*parents, kind))


@functools.cache
def _hash_template(catalog: Catalog, name: str) -> Template:
    return Template(catalog, catalog.hash_fields(name), ())


def _whole_of(catalog: Catalog, code: Code) -> Whole | None:
    """How values of a type are completed; None for types without hashes in them."""
    _, inner = split_optional(code)
    if isinstance(inner, str):
        return _whole_hash(catalog, inner[1:]) if inner[0] == "@" else None
    whole = _whole_of(catalog, inner[1]) if inner[0] in ("l", "m") else None
    if whole is None:
        return None
    if inner[0] == "l":
        return lambda value: [whole(item) for item in value] if isinstance(value, list) else value
    return lambda value: {key: whole(item) for key, item in value.items()} if isinstance(value, dict) else value


def _whole_hash(catalog: Catalog, name: str) -> Whole:
    def whole(value: Any) -> Any:
        return _hash_template(catalog, name).complete(value) if isinstance(value, dict) else value

    return whole


def _maker(catalog: Catalog, code: Code, parents: tuple[str, ...]) -> Make:
    optional, inner = split_optional(code)
    if optional:
        return lambda _id, _name: None
    if isinstance(inner, str):
        return _plain_maker(catalog, inner, parents)
    if inner[0] == "e":
        first = inner[1]
        return lambda _id, _name: first
    if inner[0] == "l":
        return lambda _id, _name: []
    if inner[0] == "m":
        return lambda _id, _name: {}
    if inner[0] == "u":
        return _maker(catalog, inner[1], parents)
    if inner[0] == "x":
        return lambda _id, _name: ""
    return _list_maker(catalog, parents[-1] if parents else "")


def _plain_maker(catalog: Catalog, code: str, parents: tuple[str, ...]) -> Make:
    if code[0] == "@":
        return lambda _id, _name: _hash_template(catalog, code[1:]).complete({})
    if code[0] == "$":
        kind = code[1:]
        if kind in parents:
            raise ValueError(f"{kind} always contains itself: {' > '.join(parents)}")
        return lambda _id, _name: _template_under(kind, parents).complete({})
    if code[0] == "%":
        first = catalog.enum(code)[0]
        return lambda _id, _name: first
    value = {"s": "", "i": 0, "b": False, "f": 0.0, "d": "0"}.get(code[0], ABSENT)
    return (lambda _id, _name: {}) if value is ABSENT else (lambda _id, _name: value)


def _list_maker(catalog: Catalog, kind: str) -> Make:
    """An empty list envelope whose url is the nested path of the catalog, where it has one."""

    def make(identity: str, name: str) -> Document:
        url = f"/v1/{kind.replace('.', '/')}s/{identity}/{name}"
        for endpoint in catalog.endpoints:
            if endpoint.template.endswith(f"}}/{name}") and endpoint.does == "list":
                parent = endpoint.parent
                if parent is not None and parent[0] == kind and len(endpoint.path_ids) == 1:
                    url = endpoint.template.replace("{" + parent[1] + "}", identity)
                    break
        return {"object": "list", "data": [], "has_more": False, "url": url}

    return make
