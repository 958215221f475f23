"""The control API answers to this machine's user, not to web pages."""

from __future__ import annotations

import httpx
import pytest

from countertop.server import LiveServer
from countertop.server.gate import refusal

INFO = "/_countertop/"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:4242", "127.0.0.1.evil.example", "", "192.168.1.5"])
def test_foreign_hosts_are_refused(http: httpx.Client, host: str) -> None:
    answer = http.get(INFO, headers={"host": host})
    assert answer.status_code == 403
    assert "host" in answer.json()["error"]["message"]


@pytest.mark.parametrize("host", ["localhost", "localhost:4242", "127.0.0.1", "[::1]:4242", "LOCALHOST:1"])
def test_loopback_names_are_answered(http: httpx.Client, host: str) -> None:
    assert http.get(INFO, headers={"host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:3000", "https://127.0.0.1"])
def test_pages_of_other_origins_are_refused(http: httpx.Client, origin: str) -> None:
    for method in ("GET", "POST", "OPTIONS"):
        answer = http.request(method, "/_countertop/clock", headers={"origin": origin})
        assert answer.status_code == 403
        assert "access-control-allow-origin" not in answer.headers


def test_our_own_pages_are_answered(http: httpx.Client, server: LiveServer) -> None:
    assert http.get(INFO, headers={"origin": server.url}).status_code == 200


def test_a_navigation_from_another_site_is_refused(http: httpx.Client) -> None:
    assert http.get(INFO, headers={"sec-fetch-site": "cross-site"}).status_code == 403


def test_the_stream_is_guarded_too(http: httpx.Client) -> None:
    assert http.get("/_countertop/stream", headers={"host": "evil.example"}).status_code == 403


def test_the_address_of_the_connection_is_no_foreign_host() -> None:
    assert refusal({"host": "192.168.1.5:4242"}, "192.168.1.5") is None
    assert refusal({"host": "192.168.1.6:4242"}, "192.168.1.5") is not None


def test_the_emulated_api_takes_any_origin(http: httpx.Client) -> None:
    answer = http.get("/v1/customers", headers={"origin": "http://shop.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
