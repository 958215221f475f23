"""From parameters to members of an object: those that the type has, in the type that it has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from countertop.api.catalog import Catalog, Field, load
from countertop.api.catalog.codes import Code, split_optional
from countertop.api.scope import Document
from countertop.services.changes import merge_metadata

UNFIT: Any = object()
"""What a parameter becomes that the object cannot hold: it is left out."""


def members_of(fields: Mapping[str, Field], params: Mapping[str, Any]) -> Document:
    """The parameters that are members too, as values that the members can have; '' is null."""
    found: Document = {}
    for name, value in params.items():
        member = fields.get(name)
        if member is None or member.includable:
            continue
        if name == "metadata":
            found[name] = merge_metadata({}, value)
            continue
        fitted = fit(load(), member.code, value)
        if fitted is not UNFIT:
            found[name] = fitted
    return found


def merged(fields: Mapping[str, Field], document: Document, params: Mapping[str, Any]) -> Document:
    """A copy of an object with parameters applied: hashes are merged, arrays replaced, '' unsets (§3)."""
    changed = dict(document)
    changed |= _merged_hash(document, members_of(fields, params))
    if "metadata" in params and "metadata" in fields:
        changed["metadata"] = merge_metadata(document.get("metadata") or {}, params["metadata"])
    return changed


def fit(catalog: Catalog, code: Code, value: Any) -> Any:
    """A typed parameter as a value of a member's type; UNFIT when it cannot be one."""
    _, inner = split_optional(code)
    if value is None or value == "":
        return None
    if isinstance(inner, str):
        return _fit_plain(catalog, inner, value)
    if inner[0] == "e":
        return value if value in inner[1:] else UNFIT
    if inner[0] == "x":
        return value if isinstance(value, str) else UNFIT
    if inner[0] == "l" and isinstance(value, list):
        items = [fit(catalog, inner[1], item) for item in value]
        return UNFIT if any(item is UNFIT or item is None for item in items) else items
    if inner[0] == "m" and isinstance(value, dict):
        pairs = {key: fit(catalog, inner[1], item) for key, item in value.items()}
        return {key: item for key, item in pairs.items() if item is not UNFIT and item is not None}
    if inner[0] == "u":
        return next((found for part in inner[1:] if (found := fit(catalog, part, value)) is not UNFIT), UNFIT)
    return UNFIT


def _fit_plain(catalog: Catalog, code: str, value: Any) -> Any:
    if code[0] == "@":
        if not isinstance(value, dict):
            return UNFIT
        return members_of(catalog.hash_fields(code[1:]), value)
    if code[0] == "%":
        return value if value in catalog.enum(code) else UNFIT
    if code[0] == "?":
        return value
    if code[0] == "f" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    wanted: type | None = {"s": str, "d": str, "i": int, "b": bool, "f": float}.get(code[0])
    if wanted is None or not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        return UNFIT
    return value


def _merged_hash(old: Mapping[str, Any], new: Mapping[str, Any]) -> Document:
    result = dict(old)
    for name, value in new.items():
        before = result.get(name)
        both = isinstance(before, dict) and isinstance(value, dict)
        result[name] = _merged_hash(before or {}, value) if both else value
    return result
