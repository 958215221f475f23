"""The ceiling: a raw ASGI application that keeps a dictionary and knows no rules, on the same HTTP stack.

``python -m benchmarks.bare PORT``.  A POST stores a small customer, a GET returns one.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

import orjson
import uvicorn

Message = MutableMapping[str, Any]


class Bare:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self._rows: dict[str, bytes] = {}
        self._last = b"{}"

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        """One request."""
        if scope["method"] == "POST":
            body = (await receive())["body"]
            identity = f"cus_{len(self._rows):014d}"
            document = {"id": identity, "object": "customer", **dict(parse_qsl(body.decode()))}
            self._last = self._rows[identity] = orjson.dumps(document, option=orjson.OPT_INDENT_2)
        answer = self._last
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})


def main() -> None:
    """Serve until killed."""
    config = uvicorn.Config(Bare(), lifespan="off", ws="none", http="httptools", log_level="critical", access_log=False)
    # Named as TCP, or asyncio leaves Nagle's algorithm on.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", int(sys.argv[1])))
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
