"""From a handler's result to the bytes of the answer: expansion, embedded lists, JSON indented by two spaces."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import orjson

from countertop.api import expand
from countertop.api.http import Response
from countertop.api.scope import DELETED, Answer, Bytes, Call, Document, Listing, Stored

if TYPE_CHECKING:
    from countertop.api.scope import Scope

JSON = "application/json"
Finisher = Callable[["Scope", Document], Document]
"""Completes a stored object with members that are computed when it is read, such as a reader's presence."""


def encode(document: Any) -> bytes:
    """The wire form of a JSON value."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)


class Renderer:
    """Renders results.  ``finishers`` completes the object types that have computed members."""

    def __init__(self, finishers: Mapping[str, Finisher]) -> None:
        self._finishers = finishers

    def finish(self, scope: Scope, document: Document) -> Document:
        """An object as it is shown now."""
        finisher = self._finishers.get(document.get("object", ""))
        return document if finisher is None or document.get("deleted") else finisher(scope, document)

    def render(self, call: Call, result: Answer, plan: expand.Plan | None) -> Response:
        """The answer to a call that succeeded."""
        if isinstance(result, Bytes):
            return Response(200, result.body, content_type=result.content_type)
        if isinstance(result, Listing):
            return Response(200, self._listing(call, result, plan))
        if isinstance(result, Stored) and plan is None:
            return Response(200, result.body)
        given: Document = orjson.loads(result.body) if isinstance(result, Stored) else result
        document = self.finish(call, given)
        if plan is not None:
            document = expand.apply(document, plan, self._fetcher(call))
        return Response(200, encode(document))

    def _listing(self, call: Call, listing: Listing, plan: expand.Plan | None) -> bytes:
        page = listing.page
        if plan is None and listing.kind not in self._finishers:
            # The stored bytes are the wire form already; only the indentation differs.
            head = b'{\n  "object": "list",\n  "data": ['
            items = b",\n    ".join(body.replace(b"\n", b"\n    ") for body in page.bodies)
            middle = b"\n    " + items + b"\n  " if items else b""
            tail = b'],\n  "has_more": %s,\n  "url": %s\n}' % (
                b"true" if page.has_more else b"false",
                orjson.dumps(listing.url),
            )
            return head + middle + tail
        data = [self.finish(call, orjson.loads(body)) for body in page.bodies]
        document: Document = {"object": "list", "data": data, "has_more": page.has_more, "url": listing.url}
        if plan is not None:
            document["url"] = f"{listing.url}?{plan.query}"
            document = expand.apply(document, plan, self._fetcher(call))
        return encode(document)

    def _fetcher(self, call: Call) -> Callable[[tuple[str, ...], str], Document | None]:
        def fetch(kinds: tuple[str, ...], object_id: str) -> Document | None:
            for kind in kinds:
                found = call.get(kind, object_id) or call.get(kind + DELETED, object_id)
                if found is not None:
                    return self.finish(call, found)
            return None

        return fetch
