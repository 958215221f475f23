"""The live stream."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import httpx
import pytest

from countertop.bench import Bench
from countertop.client import RequestRefused, ServerClient, StreamItem
from countertop.feed import Feed
from countertop.server import LiveServer
from countertop.server.streams import Streams


class Listener:
    """Reads a stream in a thread."""

    def __init__(self, url: str, *topics: str) -> None:
        self.items: list[StreamItem] = []
        self._stir = threading.Condition()
        self.ended = threading.Event()
        threading.Thread(target=self._work, args=(url, topics), daemon=True).start()

    def _work(self, url: str, topics: tuple[str, ...]) -> None:
        with ServerClient(url) as client:
            for item in client.stream(*topics):
                with self._stir:
                    self.items.append(item)
                    self._stir.notify_all()
        self.ended.set()

    def wait_until(self, seen: Callable[[StreamItem], bool]) -> StreamItem:
        with self._stir:
            assert self._stir.wait_for(lambda: any(map(seen, self.items)), 10), self.items
            return next(filter(seen, self.items))

    def wait_for(self, count: int) -> list[StreamItem]:
        with self._stir:
            assert self._stir.wait_for(lambda: len(self.items) >= count, 10), self.items
            return list(self.items)


def subscribed(bench: Bench) -> int:
    return len(bench.feed._watchers)


@pytest.fixture
def listener(bench: Bench, server: LiveServer) -> Listener:
    before = subscribed(bench)
    listener = Listener(server.url)
    while bench.run(lambda: subscribed(bench)) == before:
        continue
    return listener


def test_requests_and_events_are_streamed_in_order(listener: Listener, http: httpx.Client) -> None:
    made = http.post("/v1/customers", data={"name": "Ada"}).json()
    items = listener.wait_for(2)
    assert {item.topic for item in items[:2]} == {"request", "event"}
    event = next(item for item in items if item.topic == "event")
    assert (event.data["type"], event.data["object"]) == ("customer.created", made["id"])
    request = next(item for item in items if item.topic == "request")
    assert (request.data["method"], request.data["path"], request.data["status"]) == ("POST", "/v1/customers", 200)


def test_readers_are_streamed_with_their_screens(bench: Bench, listener: Listener) -> None:
    reader = bench.reader()
    reader.fault("offline")
    item = listener.wait_until(lambda item: item.topic == "reader" and "offline" in item.data["faults"])
    assert item.data["reader"] == reader.id
    assert item.data["screen"]["text"] == reader.screen.text


def test_only_the_topics_asked_for_come(bench: Bench, server: LiveServer, control: ServerClient) -> None:
    before = subscribed(bench)
    listener = Listener(server.url, "clock")
    while bench.run(lambda: subscribed(bench)) == before:
        continue
    control.call("POST", "/v1/customers", {"name": "Ada"})
    control.advance(60_000)
    assert [item.topic for item in listener.wait_for(1)] == ["clock"]
    assert listener.items[0].data["now_ms"] == bench.clock.now_ms()


def test_an_unknown_topic_is_refused(control: ServerClient) -> None:
    with pytest.raises(RequestRefused, match="no topic 'weather'"):
        next(control.stream("weather"))


def test_a_stream_ends_when_the_server_stops(listener: Listener, server: LiveServer) -> None:
    server.close()
    assert listener.ended.wait(10)


def test_a_stream_ends_when_the_world_is_reset(listener: Listener, control: ServerClient) -> None:
    control.reset()
    assert listener.ended.wait(10)


def test_a_client_that_leaves_is_forgotten(bench: Bench, server: LiveServer) -> None:
    before = subscribed(bench)
    with httpx.stream("GET", f"{server.url}/_countertop/stream", trust_env=False) as answer:
        lines = answer.iter_lines()
        assert next(lines).startswith(":")
        assert bench.run(lambda: subscribed(bench)) == before + 1
    for _ in range(10_000):
        if bench.run(lambda: subscribed(bench)) == before:
            return
    raise AssertionError("the client is still subscribed")


def test_a_slow_client_is_told_how_many_it_missed() -> None:
    async def story() -> bytes:
        feed = Feed()
        streams = Streams(feed)
        client = streams.subscribe(frozenset(), length=3)
        for number in range(10):
            feed.publish(number, "event", {"number": number})
        streams.release()
        return await client.take()

    text = asyncio.run(story()).decode()
    assert text.count("event: event") == 3
    assert '{"number":2}' in text
    assert 'event: missed\ndata: {"count":7}' in text


def test_nothing_is_streamed_before_its_commit_and_never_when_it_failed() -> None:
    async def story() -> tuple[bytes, bytes]:
        feed = Feed()
        streams = Streams(feed)
        client = streams.subscribe(frozenset())
        feed.publish(1, "event", {"number": 1})
        streams.drop()
        feed.publish(2, "event", {"number": 2})
        early = await client.take(heartbeat_s=0.01)
        streams.release()
        return early, await client.take()

    early, late = asyncio.run(story())
    assert early.startswith(b":")
    assert b'"number":2' in late
    assert b'"number":1' not in late
