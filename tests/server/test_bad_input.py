"""What a hostile or broken client sends: answered in Stripe's shape, bounded, and the server lives on."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator

import httpx
import pytest

from countertop.server.wire import MOST_HEAD_BYTES, MOST_HEADERS

Raw = Callable[..., bytes]
AUTH = b"Authorization: Bearer sk_test_counter\r\n"


@pytest.fixture(autouse=True)
def _lives_on(http: httpx.Client) -> Iterator[None]:
    yield
    assert http.get("/v1/customers").status_code == 200


def refused(answer: bytes, status: int) -> str:
    """The message of an error envelope with this status."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status), answer[:200]
    error = json.loads(body)["error"]
    assert error["type"] == "invalid_request_error"
    return str(error["message"])


@pytest.mark.parametrize(
    "junk",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"GET /v1/customers HTTP/9.9\r\n\r\n",
        b"\x00" * 1000,
        b"POST /v1/customers HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST /v1/customers HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        b"POST /v1/customers HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /v1/customers HTTP/1.1\r\nbad header\r\n\r\n",
        b"CONNECT example.com:443 HTTP/1.1\r\n\r\n",
    ],
)
def test_what_is_not_http_is_refused(raw: Raw, junk: bytes) -> None:
    refused(raw(junk, half_close=True), 400)


def test_random_bytes_never_hurt(raw: Raw) -> None:
    source = random.Random(7)
    for _ in range(50):
        answer = raw(source.randbytes(source.randrange(1, 2000)) + b"\r\n\r\n", half_close=True)
        assert answer == b"" or answer.startswith(b"HTTP/1.1 4")


def test_a_head_that_is_too_large_is_refused_with_431(raw: Raw) -> None:
    head = b"GET /v1/customers HTTP/1.1\r\n" + AUTH + b"X: " + b"x" * MOST_HEAD_BYTES + b"\r\n\r\n"
    assert "larger" in refused(raw(head), 431)


def test_a_head_that_never_ends_is_refused(raw: Raw) -> None:
    refused(raw(b"GET /v1/customers HTTP/1.1\r\nX: ", *[b"x" * 4096] * 40), 431)


def test_a_url_that_never_ends_is_refused(raw: Raw) -> None:
    refused(raw(b"GET /v1/", *[b"x" * 4096] * 40), 431)


def test_too_many_headers_are_refused(raw: Raw) -> None:
    many = b"".join(b"X-%d: 1\r\n" % number for number in range(MOST_HEADERS + 1))
    refused(raw(b"GET /v1/customers HTTP/1.1\r\n" + many + b"\r\n"), 431)


def test_a_body_that_says_it_is_too_large_is_refused_unread(raw: Raw) -> None:
    head = b"POST /v1/customers HTTP/1.1\r\n" + AUTH + b"Content-Length: 17000000000\r\n\r\n"
    assert "larger" in refused(raw(head, b"name=Ada", half_close=True), 413)


def test_a_body_that_grows_too_large_is_refused(http: httpx.Client) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(20):
            yield b"x" * 1_000_000

    answer = http.post("/v1/customers", content=chunks())
    assert answer.status_code == 413
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_a_form_above_a_million_bytes_is_refused(http: httpx.Client) -> None:
    answer = http.post("/v1/customers", content=b"name=" + b"x" * 1_000_001)
    assert answer.status_code == 413


def test_thousands_of_keys_are_refused(http: httpx.Client) -> None:
    answer = http.post("/v1/customers", data={f"metadata[k{number}]": "v" for number in range(20_000)})
    assert answer.status_code == 400


def test_deep_nesting_is_refused(http: httpx.Client) -> None:
    answer = http.post("/v1/customers", content=b"a" + b"[b]" * 10_000 + b"=1")
    assert answer.status_code == 400


@pytest.mark.parametrize("kind", ["application/json", "text/xml", "multipart/form-data", "\x80\xff"])
def test_other_kinds_of_body_are_refused(http: httpx.Client, kind: str) -> None:
    answer = http.post("/v1/customers", content=b'{"name": "Ada"}', headers={"content-type": kind.encode("latin-1")})
    assert answer.status_code == 400
    assert "error" in answer.json()


def test_a_binary_body_is_refused(http: httpx.Client) -> None:
    answer = http.post("/v1/customers", content=bytes(range(256)))
    assert answer.status_code == 400


def test_a_client_that_hangs_up_in_its_body_changes_nothing(raw: Raw, http: httpx.Client) -> None:
    head = b"POST /v1/customers HTTP/1.1\r\nHost: x\r\n" + AUTH + b"Content-Length: 100\r\n\r\n"
    raw(head, b"name=Ada", half_close=True)
    assert http.get("/v1/customers").json()["data"] == []


def test_pipelined_requests_are_answered_in_order(raw: Raw) -> None:
    one = b"POST /v1/customers HTTP/1.1\r\nHost: x\r\n" + AUTH + b"Content-Length: 6\r\n\r\nname=%d"
    two = b"GET /v1/nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + AUTH + b"\r\n"
    answer = raw(one % 1 + one % 2 + two)
    assert answer.count(b"HTTP/1.1 200") == 2
    assert answer.index(b'"name": "1"') < answer.index(b'"name": "2"') < answer.index(b"HTTP/1.1 404")


def test_a_client_that_asks_first_is_told_to_go_on(raw: Raw) -> None:
    head = b"POST /v1/customers HTTP/1.1\r\nHost: x\r\n" + AUTH + b"Expect: 100-continue\r\nContent-Length: 8\r\n"
    answer = raw(head + b"Connection: close\r\n\r\n", b"name=Ada")
    assert answer.startswith(b"HTTP/1.1 100 Continue")
    assert b'"name": "Ada"' in answer


def test_a_client_that_says_nothing_is_hung_up_on(raw: Raw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("countertop.server.wire.IDLE_S", 0.05)
    assert raw() == b""
    assert raw(b"GET /v1/customers HTTP/1.1\r\nX-Slow: ") == b""


def test_a_connection_that_is_used_again_is_kept(raw: Raw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("countertop.server.wire.IDLE_S", 0.05)
    get = b"GET /v1/customers HTTP/1.1\r\nHost: x\r\n" + AUTH + b"\r\n"
    answer = raw(get * 20)
    assert answer.count(b"HTTP/1.1 200") == 20
