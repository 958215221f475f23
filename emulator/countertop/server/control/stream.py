"""GET stream: the live feed as server-sent events (requests, events, readers with their screens, webhooks, clock)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import orjson

from countertop.server.streams import TOPICS, Subscription

if TYPE_CHECKING:
    from countertop.server.owner import Owner

HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
]


async def stream(owner: Owner, topics: str, receive: Any, send: Any) -> None:
    """Send items as they become durable, until the client or the server goes.  ``topics``: names with commas."""
    wanted = frozenset(name for name in topics.split(",") if name)
    unknown = sorted(wanted - frozenset(TOPICS))
    if unknown:
        await _refuse(send, unknown[0])
        return
    await feed(owner, owner.streams.subscribe(wanted), b": connected\n\n", receive, send)


async def feed(owner: Owner, client: Subscription, first: bytes, receive: Any, send: Any) -> None:
    """Send a client what it is offered, behind a ``first`` piece, until either side goes; it has left afterwards."""
    gone = asyncio.ensure_future(_until_gone(receive, client))
    try:
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await send({"type": "http.response.body", "body": first, "more_body": True})
        while chunk := await client.take():
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        gone.cancel()
        owner.streams.leave(client)


async def _until_gone(receive: Any, client: Subscription) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue
    client.close()


async def _refuse(send: Any, name: str) -> None:
    error = {"message": f"There is no topic {name[:60]!r}.", "hint": f"Topics: {', '.join(TOPICS)}"}
    body = orjson.dumps({"error": error})
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 400, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
