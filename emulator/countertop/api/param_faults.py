"""Which fault of bad parameters is told first: unknown names, then missing ones, wherever they stand (§4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from countertop.api.catalog.codes import Code, split_optional
from countertop.api.errors import invalid

if TYPE_CHECKING:
    from countertop.api.catalog import Catalog, Shape

UNKNOWN, MISSING = "unknown", "missing"
Fault = tuple[str, str, str | None]
"""(which, the parameter in bracket form, a known name that is close to it)."""
MOST_NAMED = 20


def raise_first(shape: Shape, tree: Any, at: str) -> None:
    """Raise ApiError for unknown parameters, else for a missing one; return when neither is the matter."""
    found = list(_of_shape(shape, tree, at))
    unknown = [(where, close) for which, where, close in found if which == UNKNOWN]
    if len(unknown) == 1:
        where, close = unknown[0]
        hint = f". Did you mean {close}?" if close else ""
        raise invalid(f"Received unknown parameter: {where}{hint}", code="parameter_unknown", param=where, keep=False)
    if unknown:
        names = ", ".join(where for where, _ in unknown[:MOST_NAMED])
        raise invalid(
            f"Received unknown parameters: {names}", code="parameter_unknown", param=unknown[0][0], keep=False
        )
    for which, where, _ in found:
        if which == MISSING:
            raise invalid(f"Missing required param: {where}.", code="parameter_missing", param=where, keep=False)


def _of_shape(shape: Shape, tree: Any, at: str) -> Iterator[Fault]:
    if not isinstance(tree, dict):
        return
    for name, value in tree.items():
        where = f"{at}[{name}]" if at else name
        member = shape.parameters.get(name)
        if member is None:
            yield UNKNOWN, where[:200], _closest(name, shape, at)
        else:
            yield from _of_code(shape.catalog, member.code, value, where)
    for name, member in shape.parameters.items():
        if member.required and name not in tree and member.code != "E":
            yield MISSING, f"{at}[{name}]" if at else name, None


def _of_code(catalog: Catalog, code: Code, value: Any, at: str) -> Iterator[Fault]:
    _, inner = split_optional(code)
    if not isinstance(value, (dict, list)):
        return
    if isinstance(inner, str):
        if inner[0] == "@":
            yield from _of_shape(catalog.shape(inner[1:]), value, at)
    elif inner[0] == "l":
        for index, item in enumerate(_items(value)):
            yield from _of_code(catalog, inner[1], item, f"{at}[{index}]")
    elif inner[0] == "m" and isinstance(value, dict):
        for key, item in value.items():
            yield from _of_code(catalog, inner[1], item, f"{at}[{key}]")
    elif inner[0] == "u":
        # Of several possible hashes the one that fits best is meant.
        deep = [part for part in inner[1:] if not isinstance(part, str) or part[0] == "@"]
        choices = [list(_of_code(catalog, part, value, at)) for part in deep]
        yield from min(choices, key=len, default=[])


def _items(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    keys = [key for key in value if key.isdigit()]
    return [value[key] for key in sorted(keys, key=lambda key: (len(key), key))] if len(keys) == len(value) else []


def _closest(name: str, shape: Shape, at: str) -> str | None:
    # Imported on the road of an error only: difflib is no cheap import.
    from difflib import get_close_matches

    close = get_close_matches(name[:60], list(shape.parameters), n=1, cutoff=0.75)
    if not close:
        return None
    return f"{at}[{close[0]}]" if at else close[0]
