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

__all__ = ["complete", "neutral", "problems"]

Document = dict[str, Any]
Make = Callable[[str, str], Any]
"""A fresh value for a member: (id of the document, name of the member)."""

ABSENT = object()
FIRST = ("id", "object")


class Template:
    """All members of a type in order, with the values of those that are always there."""

    def __init__(self, catalog: Catalog, fields: Mapping[str, Field], parents: tuple[str, ...]) -> None:
        self._catalog = catalog
        names = [*(name for name in FIRST if name in fields), *sorted(fields.keys() - set(FIRST))]
        self._values: Document = dict.fromkeys(names, ABSENT)
        self._fresh: list[tuple[str, Make]] = []
        self._inner: list[tuple[str, str]] = []
        self._never_null = frozenset(name for name, member in fields.items() if not member.nullable)
        for name in names:
            member = fields[name]
            hash_name = _hash_in(member.code)
            if hash_name is not None:
                self._inner.append((name, hash_name))
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
        for name, hash_name in self._inner:
            value = whole.get(name)
            if isinstance(value, dict):
                whole[name] = _hash_template(self._catalog, hash_name).complete(value)
            elif isinstance(value, list) and value and isinstance(value[0], dict):
                template = _hash_template(self._catalog, hash_name)
                whole[name] = [template.complete(item) for item in value]
        return whole


def complete(kind: str, document: Mapping[str, Any]) -> Document:
    """A copy of an object with every member that its type always has: null where it may be, else neutral.

    ``id`` and ``object`` come first, the others in alphabetical order; hashes inside are completed too.
    Raises KeyError for an unknown type.
    """
    return _template(kind).complete(document)


def neutral(code: Code, kind_path: tuple[str, ...] = ()) -> Any:
    """A fresh neutral value of a type: false, 0, empty text, an empty array, an enum's first value."""
    return _maker(load(), code, kind_path)("", "")


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


def _hash_in(code: Code) -> str | None:
    """The hash that a member or the elements of an array are."""
    _, inner = split_optional(code)
    if isinstance(inner, str):
        return inner[1:] if inner[0] == "@" else None
    return _hash_in(inner[1]) if inner[0] == "l" else None


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
