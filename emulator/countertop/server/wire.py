"""HTTP on a connection: uvicorn's protocol with limits, Stripe-shaped refusals, and a direct road for API calls.

uvicorn bounds neither the head of a request nor the number of its headers, and answers what it cannot parse in plain
text.  Here a head has at most :data:`MOST_HEAD_BYTES` and :data:`MOST_HEADERS`, and every refusal is an error envelope.

A plain call of the emulated API (a whole head, a small body of known length, nothing before it still unanswered) is
answered directly from the parser's callbacks: no task, no ASGI messages, one write.  That is three in four of the
microseconds of a read.  Everything else takes the ASGI road, and gets the same answers there.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from countertop.api.errors import ApiError
from countertop.api.faults import DROPPED
from countertop.api.http import Request, Response
from countertop.api.render import encode
from countertop.server.exchange import exchange

if TYPE_CHECKING:
    from countertop.server.owner import Owner

MOST_HEAD_BYTES = 64 * 1024
MOST_HEADERS = 200
MOST_DIRECT_BYTES = 64 * 1024
IDLE_S = 75.0
HANG_UP = "countertop.hang_up"
"""The scope extension that closes the connection without an answer."""

TOO_LARGE = f"Request headers are larger than {MOST_HEAD_BYTES} bytes or more than {MOST_HEADERS}."
MALFORMED = "Invalid HTTP request."
DIRECT_METHODS = frozenset({b"GET", b"POST", b"DELETE"})
INDIRECT_HEADERS = frozenset({b"transfer-encoding", b"expect", b"upgrade"})


class HeadTooLarge(Exception):
    """Raised inside the parser to stop it."""


class Direct:
    """An API call on the direct road; to uvicorn's protocol it looks like one of its own cycles."""

    __slots__ = ("body", "disconnected", "keep_alive", "method", "more_body", "response_complete")

    def __init__(self, method: str, keep_alive: bool) -> None:
        self.method = method
        self.keep_alive = keep_alive
        self.body = b""
        self.more_body = True
        self.response_complete = False
        self.disconnected = False

    @property
    def message_event(self) -> Direct:
        """What uvicorn sets when the connection is lost; nobody waits for it here."""
        return self

    def set(self) -> None:
        """See :attr:`message_event`."""


class Wire(HttpToolsProtocol):
    """One connection.  ``owner`` is whose world the direct road leads to."""

    def __init__(self, owner: Owner, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._owner = owner
        self._in_head = True
        self._head_bytes = 0
        self._too_large = False
        self._idle_since = 0.0
        self._patience: asyncio.TimerHandle | None = None

    # --- the connection -----------------------------------------------------------------------------------------

    # uvicorn narrows the transport's type in the same way.
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client is here: it has :data:`IDLE_S` to send a whole head, as it has later between two requests."""
        super().connection_made(transport)
        self._idle_since = self.loop.time()
        self._patience = self.loop.call_later(IDLE_S, self._lose_patience)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        if self._patience is not None:
            self._patience.cancel()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """An answer is out; the next request may have come already."""
        if self.transport.is_closing():
            return
        self._idle_since = self.loop.time()
        if self.pipeline:
            super().on_response_complete()
        else:
            # One timer for the connection, not uvicorn's one for each answer.
            self.flow.resume_reading()

    def _lose_patience(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            self._idle_since = self.loop.time()
        left = self._idle_since + IDLE_S - self.loop.time()
        if left > 0:
            self._patience = self.loop.call_later(left, self._lose_patience)
        else:
            self.transport.close()

    # --- the parser's callbacks ---------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Feed the parser, unless the head of the request grows too large."""
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > MOST_HEAD_BYTES and not self.transport.is_closing():
            self._too_large = True
            self.send_400_response(TOO_LARGE)

    def on_message_begin(self) -> None:
        """A request starts.  The scope of ASGI is made when it turns out to be needed."""
        self.url = b""
        self.headers = []
        self.expect_100_continue = False
        self._in_head = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header was read."""
        headers = self.headers
        if len(headers) >= MOST_HEADERS or len(name) + len(value) > MOST_HEAD_BYTES:
            self._too_large = True
            raise HeadTooLarge
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        headers.append((name, value))

    def on_headers_complete(self) -> None:
        """The head is complete: choose the road."""
        if len(self.url) > MOST_HEAD_BYTES:
            self._too_large = True
            raise HeadTooLarge
        self._in_head = False
        self._head_bytes = 0
        if self._is_direct():
            # uvicorn asks of its cycle only what Direct has too.
            self.cycle = Direct(self.parser.get_method().decode(), self.parser.should_keep_alive())  # type: ignore[assignment]
            return
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.headers, self.expect_100_continue = url, headers, expects
        self.scope["headers"] = headers
        self.scope["extensions"] = {HANG_UP: {"now": self.transport.abort}}
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of the body was read."""
        cycle = self.cycle
        if isinstance(cycle, Direct):
            cycle.body = cycle.body + body if cycle.body else body
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is complete; what follows is the head of another."""
        self._in_head = True
        cycle = self.cycle
        if isinstance(cycle, Direct):
            self._do(cycle)
        else:
            super().on_message_complete()

    # --- the direct road ----------------------------------------------------------------------------------------

    def _is_direct(self) -> bool:
        if not self.url.startswith((b"/v1/", b"/v2/")) or not self.url.isascii() or b"#" in self.url:
            return False
        if self.cycle is not None and not self.cycle.response_complete:
            return False
        length = 0
        for name, value in self.headers:
            if name in INDIRECT_HEADERS:
                return False
            if name == b"content-length":
                length = int(value)
        if length > MOST_DIRECT_BYTES or self.parser.get_method() not in DIRECT_METHODS:
            return False
        return self.parser.get_http_version() == "1.1"

    def _do(self, cycle: Direct) -> None:
        path, _, query = self.url.decode("ascii").partition("?")
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in self.headers}
        request = Request(cycle.method, path, query, headers, cycle.body)

        def reply(answer: Response) -> None:
            if cycle.disconnected:
                return
            if answer.status == DROPPED:
                self.transport.abort()
                return
            self.transport.write(self._head(answer, cycle.keep_alive) + answer.body)
            cycle.response_complete = True
            if not cycle.keep_alive:
                self.transport.close()
            self.on_response_complete()

        exchange(self._owner, request, reply)

    def _head(self, answer: Response, keep_alive: bool) -> bytes:
        lines = [f"{name}: {value}\r\n" for name, value in answer.headers]
        lines.append(f"content-type: {answer.content_type}\r\ncontent-length: {len(answer.body)}\r\n")
        if not keep_alive:
            lines.append("connection: close\r\n")
        text = "".join(lines)
        if text.count("\n") != text.count("\r\n") or text.count("\r") != len(answer.headers) + 2 + (not keep_alive):
            raise ValueError("a header of an answer has a line break in it")
        date = b"".join(b"%s: %s\r\n" % pair for pair in self.server_state.default_headers)
        return STATUS_LINE[answer.status] + date + text.encode("latin-1") + b"\r\n"

    # --- refusals -----------------------------------------------------------------------------------------------

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be parsed, and hang up."""
        if self.transport.is_closing():
            return
        if self._too_large:
            error, status_line = ApiError(431, "invalid_request_error", TOO_LARGE), STATUS_LINE[431]
        else:
            error, status_line = ApiError(400, "invalid_request_error", MALFORMED), STATUS_LINE[400]
        body = encode(error.body())
        head = b"content-type: application/json\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(body)
        self.transport.write(status_line + head + body)
        self.transport.close()
