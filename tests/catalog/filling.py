"""Parameters made from the catalog: every one of a shape, or only the required ones."""

from __future__ import annotations

from typing import Any

from countertop.api.catalog import Catalog, Shape
from countertop.api.catalog.codes import Code, bound_of, split_optional


def fill(shape: Shape, *, whole: bool, depth: int = 0) -> dict[str, Any]:
    """A tree of strings, as the form decoder yields it."""
    tree: dict[str, Any] = {}
    for name, member in shape.parameters.items():
        if member.code == "E" or not (member.required or (whole and depth < 3)):
            continue
        tree[name] = value_of(shape.catalog, member.code, whole=whole, depth=depth)
    return tree


def value_of(catalog: Catalog, code: Code, *, whole: bool, depth: int) -> Any:
    """A valid raw value of a type."""
    _, inner = split_optional(code)
    if isinstance(inner, str):
        if inner[0] == "@":
            return fill(catalog.shape(inner[1:]), whole=whole, depth=depth + 1)
        if inner[0] == "%":
            return catalog.enum(inner)[0]
        if inner[0] == "s":
            return "x" * min(bound_of(inner) or 3, 3)
        return {"i": "7", "b": "true", "f": "1.5", "d": "2.5", "M": {"k": "v"}, "?": "x"}[inner[0]]
    if inner[0] == "e":
        return inner[1] if len(inner) > 1 else ""
    if inner[0] == "l":
        return [value_of(catalog, inner[1], whole=whole, depth=depth)]
    if inner[0] == "m":
        return {"usd": value_of(catalog, inner[1], whole=whole, depth=depth)}
    return value_of(catalog, inner[1], whole=whole, depth=depth)
