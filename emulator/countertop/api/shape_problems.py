"""Where a document is not what the catalog describes: for tests, and for objects that are loaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from countertop.api.catalog import Catalog, Field, load
from countertop.api.catalog.codes import Code, split_optional

PLAIN: dict[str, tuple[tuple[type, ...], str]] = {
    "s": ((str,), "text"),
    "i": ((int,), "a whole number"),
    "b": ((bool,), "true or false"),
    "f": ((int, float), "a number"),
    "d": ((str,), "decimal text"),
}
STUB = {"id", "object", "deleted"}


def problems(kind: str, document: Any) -> list[str]:
    """One sentence per member that is unknown, missing, null, or of another type or value than it should be.

    Follows hashes, arrays, lists, embedded and expanded objects.  Empty: the document conforms.
    """
    return list(_of_resource(load(), kind, document, kind))


def _of_resource(catalog: Catalog, kind: str, document: Any, at: str) -> Iterator[str]:
    resource = catalog.resource(kind)
    if resource is None:
        yield f"{at}: there is no object type {kind!r}"
        return
    if not isinstance(document, dict):
        yield f"{at}: should be an object, is {_shown(document)}"
        return
    if document.get("deleted") is True and document.keys() >= STUB:
        return  # a stub; some types carry a few members more
    yield from _of_fields(catalog, resource.fields, document, at)


def _of_fields(catalog: Catalog, fields: Mapping[str, Field], document: Mapping[str, Any], at: str) -> Iterator[str]:
    for name, value in document.items():
        member = fields.get(name)
        if member is None:
            yield f"{at}.{name}: unknown member"
        elif value is None:
            if not member.nullable:
                yield f"{at}.{name}: is null, which it never is"
        else:
            yield from _of_code(catalog, member.code, value, f"{at}.{name}")
    for name, member in fields.items():
        if member.present and name not in document:
            yield f"{at}.{name}: missing"


def _of_code(catalog: Catalog, code: Code, value: Any, at: str) -> Iterator[str]:
    optional, inner = split_optional(code)
    if inner == "?":
        return
    if value is None:
        if not optional:
            yield f"{at}: is null, which it never is"
        return
    if isinstance(inner, str):
        yield from _of_plain(catalog, inner, value, at)
    elif inner[0] == "e":
        yield from _of_enum(inner[1:], value, at)
    elif inner[0] == "x":
        if isinstance(value, dict):
            yield from _of_one_kind(catalog, inner[1:], value, at)
        elif not isinstance(value, str):
            yield f"{at}: should be an id or an object, is {_shown(value)}"
    elif inner[0] == "l":
        yield from _of_array(catalog, inner[1], value, at)
    elif inner[0] == "m":
        if not isinstance(value, dict):
            yield f"{at}: should be a hash, is {_shown(value)}"
            return
        for key, item in value.items():
            yield from _of_code(catalog, inner[1], item, f"{at}.{key}")
    elif inner[0] == "u":
        choices = [list(_of_code(catalog, part, value, at)) for part in _candidates(inner[1:], value)]
        yield from min(choices, key=len, default=[])
    else:
        yield from _of_list(catalog, inner[1], value, at)


def _candidates(codes: list[Code], value: Any) -> list[Code]:
    kind = value.get("object") if isinstance(value, dict) else None
    named: list[Code] = [code for code in codes if code == f"${kind}"]
    return named or codes


def _of_plain(catalog: Catalog, code: str, value: Any, at: str) -> Iterator[str]:
    if code[0] == "@":
        if isinstance(value, dict):
            yield from _of_fields(catalog, catalog.hash_fields(code[1:]), value, at)
        else:
            yield f"{at}: should be a hash, is {_shown(value)}"
    elif code[0] == "$":
        yield from _of_resource(catalog, code[1:], value, at)
    elif code[0] == "%":
        yield from _of_enum(catalog.enum(code), value, at)
    elif code[0] in PLAIN:
        types, name = PLAIN[code[0]]
        if not isinstance(value, types) or (isinstance(value, bool) and code[0] != "b"):
            yield f"{at}: should be {name}, is {_shown(value)}"


def _of_enum(values: Any, value: Any, at: str) -> Iterator[str]:
    if str(value) not in values or not isinstance(value, str):
        yield f"{at}: {_shown(value)} is not one of its values"


def _of_one_kind(catalog: Catalog, kinds: list[str], value: dict[str, Any], at: str) -> Iterator[str]:
    kind = value.get("object")
    if kind not in kinds:
        yield f"{at}: is a {kind}, should be {' or '.join(kinds)}"
    else:
        yield from _of_resource(catalog, str(kind), value, at)


def _of_array(catalog: Catalog, code: Code, value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{at}: should be an array, is {_shown(value)}"
        return
    for index, item in enumerate(value):
        yield from _of_code(catalog, code, item, f"{at}[{index}]")


def _of_list(catalog: Catalog, code: Code, value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, dict) or value.get("object") != "list":
        yield f"{at}: should be a list, is {_shown(value)}"
        return
    if not isinstance(value.get("has_more"), bool) or not isinstance(value.get("url"), str):
        yield f"{at}: a list has has_more and url"
    yield from _of_array(catalog, code, value.get("data"), f"{at}.data")


def _shown(value: Any) -> str:
    return repr(value)[:60]
