"""Group commit: nobody is answered before the commit, one commit serves all, and a failed one leaves nothing."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from countertop.bench import DEFAULT_KEY, Bench
from countertop.client import ServerClient
from countertop.errors import StoreUnavailable
from countertop.server import LiveServer
from countertop.store import Store

AUTH = (DEFAULT_KEY, "")


class Journal:
    """Counts what is appended; fails on demand, as a full disk does."""

    def __init__(self) -> None:
        self.appended: list[int] = []
        self.full = False

    def append(self, redo: Any) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        self.appended.append(len(redo))

    def close(self) -> None:
        """Nothing is held."""


@pytest.fixture
def journal() -> Journal:
    return Journal()


@pytest.fixture
def durable(journal: Journal, make_bench: Callable[..., Bench]) -> Bench:
    return make_bench(store=Store(journal))  # type: ignore[arg-type]  # what the store uses of a journal


@pytest.fixture
def url(durable: Bench) -> Iterator[str]:
    durable.account()
    with LiveServer(durable) as server:
        yield server.url


def create(url: str, name: str = "Ada") -> httpx.Response:
    return httpx.post(f"{url}/v1/customers", data={"name": name}, auth=AUTH, trust_env=False, timeout=20)


@contextmanager
def loop_held(bench: Bench) -> Iterator[None]:
    """While the block runs the loop reads no socket; what is sent meanwhile is all ready afterwards."""
    release = threading.Event()
    holding = threading.Event()

    def hold() -> None:
        holding.set()
        release.wait(10)

    thread = threading.Thread(target=bench.run, args=(hold,))
    thread.start()
    holding.wait(10)
    yield
    release.set()
    thread.join()


def request(method: str, path: str, body: bytes = b"") -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {DEFAULT_KEY}\r\n"
    return head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body


def read_all(connection: socket.socket) -> bytes:
    with connection:
        return b"".join(iter(lambda: connection.recv(65536), b""))


def connect(url: str) -> socket.socket:
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname, parts.port), timeout=10)


def test_requests_that_are_ready_together_share_one_commit(durable: Bench, journal: Journal, url: str) -> None:
    connections = [connect(url) for _ in range(16)]
    for connection in connections:  # a loop may accept one connection a turn, so they are there beforehand
        connection.sendall(b"OPTIONS /v1/customers HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"200 OK" in connection.recv(65536)
    before = len(journal.appended)
    with loop_held(durable):
        for number, connection in enumerate(connections):
            connection.sendall(request("POST", "/v1/customers", b"name=c%d" % number))
    answers = [read_all(connection) for connection in connections]
    assert all(answer.startswith(b"HTTP/1.1 200") for answer in answers)
    assert len(journal.appended) - before <= 2


def test_reads_of_what_is_not_durable_yet_wait_for_it(durable: Bench, journal: Journal, url: str) -> None:
    made = create(url).json()["id"]
    journal.full = True
    with loop_held(durable):
        writer, reader = connect(url), connect(url)
        writer.sendall(request("POST", f"/v1/customers/{made}", b"name=Eve"))
        reader.sendall(request("GET", f"/v1/customers/{made}"))
    assert read_all(writer).startswith(b"HTTP/1.1 503")
    answer = read_all(reader)
    # Read before the commit or after it failed: either way nobody is told a name that never was.
    assert answer.startswith(b"HTTP/1.1 503") or b'"name": "Ada"' in answer
    assert b"Eve" not in answer


def test_a_write_that_cannot_be_made_durable_is_a_503_and_leaves_nothing(
    durable: Bench, journal: Journal, url: str
) -> None:
    create(url, "kept")
    inbox = durable.inbox("customer.created")
    journal.full = True
    answer = create(url, "lost")
    assert answer.status_code == 503
    assert answer.json()["error"]["type"] == "api_error"
    assert "No space left" in answer.json()["error"]["message"]
    assert answer.headers["request-id"].startswith("req_")
    names = [row["name"] for row in httpx.get(f"{url}/v1/customers", auth=AUTH, trust_env=False).json()["data"]]
    assert names == ["kept"]
    assert inbox.types == []
    journal.full = False
    assert create(url, "again").status_code == 200
    assert inbox.types == ["customer.created"]


def test_a_key_first_used_while_the_disk_is_full_is_an_account_later(journal: Journal, url: str) -> None:
    journal.full = True
    auth = ("sk_test_newcomer", "")
    assert httpx.post(f"{url}/v1/customers", auth=auth, trust_env=False).status_code == 503
    journal.full = False
    assert httpx.post(f"{url}/v1/customers", auth=auth, trust_env=False).status_code == 200
    with ServerClient(url) as client:
        assert "sk_test_newcomer" in [account["key"] for account in client.accounts()]


def test_work_of_other_threads_raises_when_its_commit_fails(durable: Bench, journal: Journal, url: str) -> None:
    journal.full = True
    with pytest.raises(StoreUnavailable, match="No space left"):
        durable.configure_account(DEFAULT_KEY, country="GB")
    journal.full = False
    assert durable.account().country == "US"


def test_the_control_api_answers_503_when_its_commit_fails(journal: Journal, url: str) -> None:
    journal.full = True
    answer = httpx.post(f"{url}/_countertop/accounts/sk_test_new", json={"country": "GB"}, trust_env=False)
    assert answer.status_code == 503


def test_webhooks_leave_after_the_commit(durable: Bench, journal: Journal, url: str) -> None:
    commits: list[int] = []
    durable.inbox("customer.created", answer=lambda item: commits.append(len(journal.appended)))
    before = len(journal.appended)
    create(url)
    durable.run(lambda: None)
    assert len(commits) == 1
    assert commits[0] > before


def test_stopping_commits_what_is_open(durable: Bench, journal: Journal) -> None:
    with LiveServer(durable) as server:
        assert create(server.url).status_code == 200
    assert durable.store.dirty is False
    assert durable.store.grouping is False
