"""A load generator that costs little: keep-alive connections, each with one request under way.

Run as a process of its own (``python -m benchmarks.load URL …``), so that it never competes for the server's
interpreter.  It prints one JSON line: ``{"requests", "seconds", "per_s", "p50_ms", "p99_ms", "statuses"}``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import uvloop

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length:"


class Client(asyncio.Protocol):
    """One connection: sends, waits for the whole answer, sends again."""

    def __init__(self, next_request: Callable[[], bytes], answered: Callable[[int, float, bytes], bool]) -> None:
        self._next_request = next_request
        self._answered = answered
        self._buffer = b""
        self._sent_at = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connected: send the first."""
        # uvloop's transports are no subclasses of asyncio's.
        self._transport = cast(asyncio.Transport, transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        """Part of an answer."""
        self._buffer = self._buffer + data if self._buffer else data
        end = self._buffer.find(HEAD_END)
        if end < 0:
            return
        head = self._buffer[:end].lower()
        at = head.index(LENGTH) + len(LENGTH)
        line_end = head.find(b"\r\n", at)
        length = int(head[at : line_end if line_end > 0 else len(head)])
        if len(self._buffer) < end + 4 + length:
            return
        body = self._buffer[end + 4 :]
        self._buffer = b""
        more = self._answered(int(head[9:12]), time.perf_counter() - self._sent_at, body)
        if more:
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """The server hung up, or we did."""
        if not self.done.done():
            self.done.set_result(None)

    def _send(self) -> None:
        self._sent_at = time.perf_counter()
        self._transport.write(self._next_request())


async def measure(url: str, clients: int, seconds: float, next_request: Callable[[], bytes]) -> dict[str, object]:
    """Keep ``clients`` connections busy for ``seconds``; the figures."""
    parts = urlsplit(url)
    host, port = parts.hostname or "127.0.0.1", parts.port or 80
    times: list[float] = []
    statuses: Counter[int] = Counter()
    begin = time.perf_counter()
    end = begin + seconds

    def answered(status: int, took: float, body: bytes) -> bool:
        times.append(took)
        statuses[status] += 1
        return time.perf_counter() < end

    loop = asyncio.get_running_loop()
    protocols = []
    for _ in range(clients):
        _, protocol = await loop.create_connection(lambda: Client(next_request, answered), host, port)
        protocols.append(protocol)
    await asyncio.gather(*(protocol.done for protocol in protocols))
    took = time.perf_counter() - begin
    times.sort()
    return {
        "requests": len(times),
        "seconds": round(took, 2),
        "per_s": round(len(times) / took),
        "p50_ms": round(1000 * times[len(times) // 2], 2),
        "p99_ms": round(1000 * times[len(times) * 99 // 100], 2),
        "statuses": dict(statuses),
    }


def request_bytes(method: str, path: str, host: str, body: bytes = b"", extra: str = "") -> bytes:
    """One HTTP request as the official SDK would send it, minus its telemetry."""
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer sk_test_counter\r\n"
        "User-Agent: Stripe/v1 PythonBindings\r\n"
        f"Accept: */*\r\nContent-Type: application/x-www-form-urlencoded\r\n{extra}"
    )
    if body:
        head += f"Content-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--requests", type=Path, required=True, help="file of requests, one JSON list per line")
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--idempotent", action="store_true", help="a fresh Idempotency-Key for each POST")
    given = parser.parse_args()
    host = urlsplit(given.url).netloc
    lines = [json.loads(line) for line in given.requests.read_text().splitlines()]
    ready = [request_bytes(method, path, host, body.encode()) for method, path, body in lines]
    number = 0
    first = random.Random(time.time_ns()).randrange(1 << 60)

    def next_request() -> bytes:
        nonlocal number
        number += 1
        request = ready[number % len(ready)]
        if given.idempotent:
            return request.replace(b"Accept: */*", b"Idempotency-Key: %x-%d" % (first, number), 1)
        return request

    figures = uvloop.run(measure(given.url, given.clients, given.seconds, next_request))
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
