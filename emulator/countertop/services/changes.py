"""How an update changes an object: given hashes are merged, arrays replaced, empty strings unset (§3)."""

from __future__ import annotations

from typing import Any

from countertop.api.errors import invalid

MOST_METADATA = 50
Document = dict[str, Any]


def unset(params: Document) -> Document:
    """A copy of parameters as members: an empty string becomes null, in hashes too; metadata keys go."""
    members: Document = {}
    for name, value in params.items():
        if name == "metadata":
            members[name] = {} if value == "" else {key: text for key, text in value.items() if text != ""}
        elif isinstance(value, dict):
            members[name] = unset(value)
        else:
            members[name] = None if value == "" else value
    return members


def merge(document: Document, params: Document) -> Document:
    """A copy of ``document`` with the parameters applied; neither argument is changed."""
    changed = dict(document)
    for name, value in params.items():
        old = changed.get(name)
        if name == "metadata":
            changed[name] = merge_metadata(old or {}, value)
        elif isinstance(value, dict) and isinstance(old, dict):
            changed[name] = merge(old, value)
        else:
            changed[name] = None if value == "" else value
    return changed


def merge_metadata(old: dict[str, str], given: dict[str, str] | str | None) -> dict[str, str]:
    """Given keys are set, keys given empty go, the others stay; given as a whole empty, all go.

    Raises ApiError 400 when more than fifty keys would remain.
    """
    if given is None or isinstance(given, str):
        return {}
    merged = {key: value for key, value in {**old, **given}.items() if value != ""}
    if len(merged) > MOST_METADATA:
        raise invalid(
            f"Metadata can have up to {MOST_METADATA} keys, and this object would have {len(merged)}.",
            param="metadata",
        )
    return merged
