"""Ids of other objects in parameters: they must be there (api-conventions §4, §5)."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from countertop.api.catalog import Field, load
from countertop.api.catalog.codes import split_optional
from countertop.api.errors import missing_resource
from countertop.api.scope import DELETED, Call, noun_of

# Accounts live in the account book; test payment methods and tokens are made when they are named.
MADE_ELSEWHERE = ("account",)
MADE_WHEN_NAMED = ("pm_card_", "tok_", "btok_")


def check_references(call: Call, fields: Mapping[str, Field], params: Mapping[str, Any]) -> None:
    """Raises ApiError 400 resource_missing for an id of a known type that no object has."""
    for name, value in params.items():
        member = fields.get(name)
        if member is None or not isinstance(value, str) or not value:
            continue
        kinds = tuple(kind for kind in _kinds_of(member) if kind not in MADE_ELSEWHERE)
        if not kinds or not all(map(_is_kept, kinds)) or value.startswith(MADE_WHEN_NAMED):
            continue
        if len(kinds) < len(_kinds_of(member)) and value.startswith("acct_"):
            continue
        if not any(_exists(call, kind, value) for kind in kinds):
            raise missing_resource(noun_of(kinds[0]), value, param=name)


def _kinds_of(member: Field) -> tuple[str, ...]:
    _, inner = split_optional(member.code)
    if isinstance(inner, str) and inner[0] == "$":
        return (inner[1:],)
    return member.expandable if isinstance(inner, list) and inner[0] == "x" else ()


@functools.cache
def _is_kept(kind: str) -> bool:
    """Whether objects of a type can be made here and looked up by id."""
    doings = {endpoint.does for endpoint in load().endpoints if kind in endpoint.kinds and not endpoint.v2}
    return {"create", "retrieve"} <= doings


def _exists(call: Call, kind: str, object_id: str) -> bool:
    raw = call.tx.raw
    return (
        raw(call.account.id, kind, object_id) is not None or raw(call.account.id, kind + DELETED, object_id) is not None
    )
