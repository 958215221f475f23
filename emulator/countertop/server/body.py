"""Reading a request's body within a limit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

DRAIN_S = 2.0
DRAIN_BYTES = 64 * 1024 * 1024


class TooLarge(Exception):
    """The body has more bytes than the limit; the rest of it was not read."""


async def read_body(headers: Mapping[str, str], receive: Receive, most: int) -> bytes | None:
    """The whole body, or None when the client hung up first.  Raises TooLarge beyond ``most`` bytes."""
    declared = headers.get("content-length", "")
    if declared.isdigit() and int(declared[:20]) > most:
        raise TooLarge
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        body: bytes = message.get("body", b"")
        if len(body) > most:
            raise TooLarge
        return body
    chunks: list[bytes] = []
    size = 0
    while message["type"] == "http.request":
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > most:
            raise TooLarge
        if not message.get("more_body"):
            return b"".join(chunks)
        message = await receive()
    return None


async def drain(receive: Receive) -> None:
    """Read on for a moment and throw away, so that a client that is still sending sees the refusal.

    Closing a socket with unread bytes makes the kernel reset the connection, answer and all.
    """
    left = DRAIN_BYTES
    try:
        async with asyncio.timeout(DRAIN_S):
            while left > 0:
                message = await receive()
                if message["type"] != "http.request" or not message.get("more_body"):
                    return
                left -= len(message.get("body", b""))
    except TimeoutError:
        return
