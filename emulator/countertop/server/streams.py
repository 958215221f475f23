"""The live stream: the feed as server-sent events, with a bounded queue for each client.

An item is sent once the commit behind it is done: what is published while a group is open waits for
:meth:`Streams.release`, and :meth:`Streams.drop` forgets it when the commit failed.  A client that reads too slowly
loses items, never memory of ours, and is told how many it missed.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

import orjson

from countertop.feed import Feed, FeedItem

TOPICS = ("request", "event", "reader", "webhook", "clock", "device")
QUEUE_LENGTH = 2_000
HEARTBEAT_S = 15.0
HEARTBEAT = b": still here\n\n"


class Subscription:
    """One client's queue.  ``topics``: what it wants; empty for everything."""

    def __init__(self, topics: frozenset[str], length: int = QUEUE_LENGTH) -> None:
        self.topics = topics
        self._length = length
        self._queue: deque[bytes] = deque()
        self._missed = 0
        self._closed = False
        self._stir = asyncio.Event()

    def offer(self, chunk: bytes) -> None:
        """Queue an encoded item, or count it as missed when the queue is full."""
        if len(self._queue) >= self._length:
            self._missed += 1
            return
        self._queue.append(chunk)
        self._stir.set()

    def close(self) -> None:
        """End the stream after what is queued."""
        self._closed = True
        self._stir.set()

    async def take(self, heartbeat_s: float = HEARTBEAT_S) -> bytes:
        """All that is queued, as bytes to send; a heartbeat when nothing came in time; empty at the end."""
        if not self._queue and not self._closed:
            try:
                await asyncio.wait_for(self._stir.wait(), heartbeat_s)
            except TimeoutError:
                return HEARTBEAT
        self._stir.clear()
        chunks = list(self._queue)
        self._queue.clear()
        if self._missed:
            chunks.append(encode("missed", 0, {"count": self._missed}))
            self._missed = 0
        return b"".join(chunks)


class Streams:
    """All clients of the live stream of one bench.  Watches the feed only while there are any."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._clients: list[Subscription] = []
        self._held: list[FeedItem] = []
        self._stop: Callable[[], None] | None = None

    def subscribe(self, topics: frozenset[str], length: int = QUEUE_LENGTH) -> Subscription:
        """A new client."""
        client = Subscription(topics, length)
        self._clients.append(client)
        if self._stop is None:
            self._stop = self._feed.watch(self._held.append)
        return client

    def leave(self, client: Subscription) -> None:
        """A client is gone."""
        client.close()
        if client in self._clients:
            self._clients.remove(client)
        if not self._clients and self._stop is not None:
            self._stop()
            self._stop = None
            self._held.clear()

    def release(self) -> None:
        """What was published is durable: hand it out."""
        if not self._held:
            return
        for item in self._held:
            chunk = encode(item.topic, item.sequence, {"at_ms": item.at_ms, "data": item.data})
            for client in self._clients:
                if not client.topics or item.topic in client.topics:
                    client.offer(chunk)
        self._held.clear()

    def drop(self) -> None:
        """What was published did not become durable: it never happened."""
        self._held.clear()

    def close(self) -> None:
        """End all streams: the server stops, or the world was replaced."""
        self.release()
        for client in tuple(self._clients):
            self.leave(client)


def encode(topic: str, sequence: int, data: object) -> bytes:
    """One server-sent event."""
    head = f"event: {topic}\nid: {sequence}\ndata: " if sequence else f"event: {topic}\ndata: "
    return head.encode() + orjson.dumps(data) + b"\n\n"
