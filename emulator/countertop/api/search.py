"""Search: ``GET /v1/{resource}/search`` (api-conventions §5).  What was written is found at once."""

from __future__ import annotations

import base64
import binascii

import orjson

from countertop.api.catalog import load
from countertop.api.errors import ApiError, invalid
from countertop.api.lists import limit_of
from countertop.api.scope import Call, Document
from countertop.api.search_query import Query, QueryError, parse


def search_objects(call: Call, kind: str) -> Document:
    """The ``search_result`` envelope of a call's ``query``, ``limit`` and ``page``, newest first.

    ``total_count`` is there only when the call expands it.  Raises ApiError 400 for a bad query or page token.
    """
    query = _query(call, kind)
    found = [
        document for _, body in call.tx.each(call.account.id, kind) if query.matches(document := orjson.loads(body))
    ]
    start = _start(call.params.get("page"), [document["id"] for document in found])
    limit = limit_of(call.params)
    data = found[start : start + limit]
    has_more = len(found) > start + limit
    envelope: Document = {
        "object": "search_result",
        "data": data,
        "has_more": has_more,
        "next_page": base64.urlsafe_b64encode(data[-1]["id"].encode()).decode() if has_more else None,
        "url": call.url,
    }
    if call.expands("total_count"):
        envelope["total_count"] = len(found)
    return envelope


def _query(call: Call, kind: str) -> Query:
    text = call.params["query"]
    try:
        query = parse(text)
    except QueryError as error:
        raise _bad("query", str(error)) from None
    resource = load().resource(kind)
    for clause in query.clauses:
        if resource is None or clause.path[0] not in resource.fields:
            raise _bad("query", f"Field `{'.'.join(clause.path)}` is an unsupported search field for {kind}.")
        if clause.path == ("metadata",):
            raise _bad("query", 'Name the key of the metadata to search: metadata["key"].')
    return query


def _start(token: str | None, names: list[str]) -> int:
    if token is None:
        return 0
    try:
        return names.index(base64.urlsafe_b64decode(token.encode()).decode()) + 1
    except (ValueError, binascii.Error):
        raise _bad("page", "This page token was not given out for this query.") from None


def _bad(param: str, message: str) -> ApiError:
    return invalid(message, param=param)
