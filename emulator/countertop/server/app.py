"""The ASGI application: bytes of HTTP to the bench and back.

``/_countertop`` is the control API, ``/`` and ``/p/`` are pages for people, and all the rest is the emulated API,
which answers unknown URLs in its own way.  An answer leaves when the commit that it was built on is done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any

from countertop.api.errors import ApiError
from countertop.api.faults import DROPPED
from countertop.api.http import Request, Response
from countertop.api.render import encode
from countertop.server import pages
from countertop.server.body import TooLarge, drain, read_body
from countertop.server.control import ROOT, ControlApi
from countertop.server.exchange import exchange
from countertop.server.wire import HANG_UP

if TYPE_CHECKING:
    from countertop.server.owner import Owner

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

MOST_BODY_BYTES = 16 * 1024 * 1024


class App:
    """The application over one owned bench."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._bench = owner.bench
        self._control = ControlApi(owner)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        path: str = scope["raw_path"].decode("ascii")
        if path.startswith(ROOT) and path[len(ROOT) : len(ROOT) + 1] in ("", "/"):
            await self._control(scope, receive, send)
        elif scope["method"] in ("GET", "HEAD") and (path == "/" or path.startswith(pages.PREFIX)):
            await self._page(scope, path, send)
        else:
            await self._api(scope, path, receive, send)

    async def _api(self, scope: Scope, path: str, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        method = scope["method"]
        try:
            body = b"" if method == "GET" else await read_body(headers, receive, MOST_BODY_BYTES)
        except TooLarge:
            await self._too_large(receive, send)
            return
        if body is None:
            return  # the client hung up in the middle of its request: nothing was done
        request = Request(method, path, scope["query_string"].decode("latin-1"), headers, body)
        answered: asyncio.Future[Response] = self._owner.loop.create_future()
        exchange(self._owner, request, answered.set_result)
        answer = await answered
        if answer.status == DROPPED:
            await _hang_up(scope, receive)
            return
        await respond(send, answer)

    async def _page(self, scope: Scope, path: str, send: Send) -> None:
        if path == "/":
            status, html = 200, pages.home(self._owner.url, self._bench.world.catalog.api_version)
        else:
            found = await self._owner.do(lambda: self._bench.page(path))
            status, html = found if found is not None else (404, pages.not_found(path))
        await respond(send, Response(status, html.encode(), content_type="text/html; charset=utf-8"))

    async def _too_large(self, receive: Receive, send: Send) -> None:
        error = ApiError(413, "invalid_request_error", f"Request body is larger than {MOST_BODY_BYTES} bytes.")
        answer = Response(413, encode(error.body()), [("Connection", "close")])
        await respond(send, answer, last=False)
        await drain(receive)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def respond(send: Send, answer: Response, *, last: bool = True) -> None:
    """Send an answer.  ``last`` False: its body is complete, but the connection is not given up yet."""
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    headers.append((b"content-type", answer.content_type.encode("latin-1")))
    headers.append((b"content-length", b"%d" % len(answer.body)))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body, "more_body": not last})


async def _hang_up(scope: Scope, receive: Receive) -> None:
    scope["extensions"][HANG_UP]["now"]()
    while (await receive())["type"] != "http.disconnect":
        continue
