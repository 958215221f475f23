"""HTTP on a connection: uvicorn's protocol with limits, Stripe-shaped refusals, and a way to hang up.

uvicorn bounds neither the head of a request nor the number of its headers, and answers what it cannot parse in plain
text.  Here a head has at most :data:`MOST_HEAD_BYTES` and :data:`MOST_HEADERS`, and every refusal is an error envelope.
"""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from countertop.api.errors import ApiError
from countertop.api.render import encode

MOST_HEAD_BYTES = 64 * 1024
MOST_HEADERS = 200
HANG_UP = "countertop.hang_up"
"""The scope extension that closes the connection without an answer."""

TOO_LARGE = f"Request headers are larger than {MOST_HEAD_BYTES} bytes or more than {MOST_HEADERS}."
MALFORMED = "Invalid HTTP request."


class _HeadTooLarge(Exception):
    """Raised inside the parser to stop it."""


class Wire(HttpToolsProtocol):
    """One connection."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_head = True
        self._head_bytes = 0
        self._too_large = False

    def data_received(self, data: bytes) -> None:
        """Feed the parser, unless the head of the request grows too large."""
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > MOST_HEAD_BYTES and not self.transport.is_closing():
            self._too_large = True
            self.send_400_response(TOO_LARGE)

    def on_message_begin(self) -> None:
        """A request starts."""
        super().on_message_begin()
        self._in_head = True
        self.scope["extensions"] = {HANG_UP: {"now": self.transport.abort}}

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header was read."""
        super().on_header(name, value)
        if len(self.headers) > MOST_HEADERS or len(name) + len(value) > MOST_HEAD_BYTES:
            self._too_large = True
            raise _HeadTooLarge

    def on_headers_complete(self) -> None:
        """The head is complete."""
        if len(self.url) > MOST_HEAD_BYTES:
            self._too_large = True
            raise _HeadTooLarge
        self._in_head = False
        self._head_bytes = 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is complete; what follows is the head of another."""
        self._in_head = True
        super().on_message_complete()

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
