"""Checking of decoded parameters against an endpoint's shape (api-conventions §3, §4).

A shape is compiled once into nested checks that go through the parameters a single time.  Only when they meet
a fault are the parameters looked at again, in the service's order: unknown ones, missing ones, then values.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from countertop.api import values
from countertop.api.catalog.codes import Code, bound_of, split_optional
from countertop.api.errors import ApiError
from countertop.api.param_faults import raise_first
from countertop.api.values import Check, empty, refused

if TYPE_CHECKING:
    from countertop.api.catalog import Catalog, Shape

MOST_ITEMS = 5_000


def check(shape: Shape, tree: dict[str, Any]) -> dict[str, Any]:
    """The typed values of a tree of strings, as the form decoder yields it.  The tree is not changed.

    An empty string stays ``""`` where it unsets a parameter; an array becomes ``[]``.  Raises ApiError 400.
    """
    try:
        checked: dict[str, Any] = check_of(shape)(tree, "")
    except ApiError:
        raise_first(shape, tree, "")
        raise
    return checked


@functools.cache
def check_of(shape: Shape) -> Check:
    """The compiled check of a shape; compiled once, with the shapes inside it."""
    members = {name: _compile(shape.catalog, member.code) for name, member in shape.parameters.items()}
    # An uploaded file is not part of the form: its service asks for it.
    required = frozenset(name for name, member in shape.parameters.items() if member.required and member.code != "E")

    def check_hash(tree: Any, at: str) -> dict[str, Any]:
        if type(tree) is not dict:
            raise empty(at) if tree == "" else refused("Invalid object", at)
        typed: dict[str, Any] = {}
        for name, value in tree.items():
            member = members.get(name)
            if member is None:
                raise refused(f"Received unknown parameter: {name}", name)
            typed[name] = member(value, f"{at}[{name}]" if at else name)
        if not required <= typed.keys():
            raise refused("Missing required param.", at)
        return typed

    return check_hash


def _compile(catalog: Catalog, code: Code) -> Check:
    optional, inner = split_optional(code)
    check_value = _plain(catalog, inner) if isinstance(inner, str) else _built(catalog, inner)
    if not optional or (isinstance(inner, list) and inner[0] == "l"):
        return check_value

    def check_optional(value: Any, at: str) -> Any:
        return "" if value == "" else check_value(value, at)

    return check_optional


def _plain(catalog: Catalog, code: str) -> Check:
    if code[0] == "@":
        return check_of(catalog.shape(code[1:]))
    if code[0] == "%":
        return values.one_of(catalog.enum(code))
    bound = bound_of(code)
    if code[0] == "s":
        return values.text(bound or values.LONGEST_TEXT)
    if code[0] == "i":
        return values.integer(bound)
    return {
        "b": values.boolean,
        "d": values.decimal,
        "f": values.number,
        "M": values.metadata,
        "E": values.anything,
        "?": values.anything,
    }[code]


def _built(catalog: Catalog, code: list[Any]) -> Check:
    if code[0] == "e":
        return values.one_of(catalog.enum(code))
    if code[0] == "l":
        return _array(_compile(catalog, code[1]))
    if code[0] == "m":
        return _map(_compile(catalog, code[1]))
    return _either(catalog, code[1:])


def _array(check_item: Check) -> Check:
    def check_array(value: Any, at: str) -> list[Any]:
        if value == "":
            return []
        items = items_of(value)
        if items is None or len(items) > MOST_ITEMS:
            raise refused("Invalid array", at)
        return [check_item(item, f"{at}[{index}]") for index, item in enumerate(items)]

    return check_array


def _map(check_item: Check) -> Check:
    def check_map(value: Any, at: str) -> dict[str, Any]:
        if type(value) is not dict:
            raise empty(at) if value == "" else refused("Invalid object", at)
        return {key: check_item(item, f"{at}[{key}]") for key, item in value.items()}

    return check_map


def _either(catalog: Catalog, codes: list[Code]) -> Check:
    """One of several types: hashes try the hash-like ones, text the others; the last fault is told."""
    deep = [_compile(catalog, code) for code in codes if is_deep(code)]
    flat = [_compile(catalog, code) for code in codes if not is_deep(code)]

    def check_either(value: Any, at: str) -> Any:
        fault: ApiError | None = None
        for candidate in (deep or flat) if isinstance(value, (dict, list)) else (flat or deep):
            try:
                return candidate(value, at)
            except ApiError as error:
                fault = error
        assert fault is not None
        raise fault

    return check_either


def is_deep(code: Code) -> bool:
    """Whether a code takes a hash or an array rather than text."""
    _, inner = split_optional(code)
    return inner[0] in "@M" if isinstance(inner, str) else inner[0] in ("l", "m")


def items_of(value: Any) -> list[Any] | None:
    """The elements of an array as it arrives: ``a[]=x`` or ``a[0]=x``, in order of their indices."""
    if type(value) is list:
        return value
    if type(value) is dict and all(key.isascii() and key.isdigit() and len(key) < 7 for key in value):
        return [value[key] for key in sorted(value, key=int)]
    return None
