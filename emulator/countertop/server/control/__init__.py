"""The control API: everything about the world that is not the emulated API (``docs/control-api.md``).

JSON in and out; errors are ``{"error": {"message", "hint"}}``.  It answers to this machine only: see
:mod:`countertop.server.gate`.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

import orjson

from countertop.api.http import Response
from countertop.errors import CountertopError
from countertop.server.body import TooLarge, drain, read_body
from countertop.server.control.ask import Ask, Blob, status_of
from countertop.server.control.attachment import attach
from countertop.server.control.routes import find, known_routes
from countertop.server.control.stream import stream
from countertop.server.gate import refusal

if TYPE_CHECKING:
    from countertop.server.owner import Owner

log = logging.getLogger("countertop.server")

ROOT = "/_countertop"
ATTACH = re.compile(r"readers/(?P<reader>[^/]+)/attach")
MOST_BODY_BYTES = 512 * 1024 * 1024
DEFECT = "Countertop met a defect of its own; the server's log has the details."


class ControlApi:
    """The ASGI application under ``/_countertop``."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        server = scope.get("server") or ("127.0.0.1", None)
        refused = refusal(headers, str(server[0]))
        if refused is not None:
            await _send(send, _error(403, refused, "Use http://127.0.0.1 and no browser page of another site."))
            return
        path = unquote(scope["raw_path"].decode("ascii")).removeprefix(ROOT).strip("/")
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        if path == "stream" and method == "GET":
            await stream(self._owner, query.get("topics", ""), receive, send)
            return
        try:
            body = await read_body(headers, receive, MOST_BODY_BYTES)
        except TooLarge:
            answer = _error(413, f"The body is larger than {MOST_BODY_BYTES} bytes.")
            answer.headers.append(("Connection", "close"))
            await _send(send, answer, last=False)
            await drain(receive)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        if body is None:
            return
        names = ATTACH.fullmatch(path)
        if names is not None and method == "POST":
            await self._attach(names.groupdict(), body, receive, send)
        else:
            await _send(send, await self._answer(method, path, query, body))

    async def _attach(self, names: dict[str, str], body: bytes, receive: Any, send: Any) -> None:
        try:
            await attach(self._owner, names, body, receive, send)
        except CountertopError as error:
            await _send(send, _error(status_of(error), error.message, error.hint))

    async def _answer(self, method: str, path: str, query: dict[str, str], body: bytes) -> Response:
        found = find(method, path)
        if isinstance(found, int):
            what = "is nothing" if found == 404 else f"is no {method}"
            return _error(found, f"There {what} at {ROOT}/{path[:100]}.", f"There are: {known_routes()}")
        handler, names = found
        try:
            result = await self._owner.do(lambda: handler(Ask(self._owner, names, query, body)))
        except CountertopError as error:
            return _error(status_of(error), error.message, error.hint)
        except Exception:
            log.exception("%s %s/%s failed", method, ROOT, path)
            return _error(500, DEFECT)
        if isinstance(result, Blob):
            return Response(200, result.body, content_type=result.content_type)
        return Response(200, orjson.dumps(result))


def _error(status: int, message: str, hint: str = "") -> Response:
    return Response(status, orjson.dumps({"error": {"message": message, "hint": hint}}))


async def _send(send: Any, answer: Response, *, last: bool = True) -> None:
    headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in answer.headers]
    headers.append((b"content-type", answer.content_type.encode()))
    headers.append((b"content-length", b"%d" % len(answer.body)))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body, "more_body": not last})
