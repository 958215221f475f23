"""A live server in front of a virtual bench, and clients for it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from countertop.bench import DEFAULT_KEY, Bench
from countertop.client import ServerClient
from countertop.server import LiveServer


@pytest.fixture
def server(bench: Bench) -> Iterator[LiveServer]:
    with LiveServer(bench) as live:
        yield live


@pytest.fixture
def http(server: LiveServer) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {DEFAULT_KEY}"}
    with httpx.Client(base_url=server.url, headers=headers, trust_env=False, timeout=20) as client:
        yield client


@pytest.fixture
def control(server: LiveServer) -> Iterator[ServerClient]:
    with ServerClient(server.url) as client:
        yield client


@pytest.fixture
def raw(server: LiveServer) -> Callable[..., bytes]:
    """Sends bytes as they are, and reads until the server hangs up (or, with ``until``, until that was read)."""

    def exchange(*chunks: bytes, until: bytes | None = None, half_close: bool = False) -> bytes:
        parts = urlsplit(server.url)
        with socket.create_connection((parts.hostname, parts.port), timeout=10) as connection:
            try:
                for chunk in chunks:
                    connection.sendall(chunk)
                if half_close:
                    connection.shutdown(socket.SHUT_WR)
            except (BrokenPipeError, ConnectionResetError):
                pass  # the server had enough; what it said first is what matters
            answer = b""
            while until is None or until not in answer:
                try:
                    chunk = connection.recv(65536)
                except ConnectionResetError:
                    break
                if not chunk:
                    break
                answer += chunk
            return answer

    return exchange
