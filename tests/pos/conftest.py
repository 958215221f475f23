"""A live server in front of a virtual bench, tills with sessions of their own, and raw commands to readers."""

from __future__ import annotations

import base64
import json
import ssl
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from countertop.bench import DEFAULT_KEY, Bench
from countertop.client import ServerClient
from countertop.pos import PointOfSale
from countertop.server import LiveServer

GENERATE = "/v1/terminal/connection_tokens/generate_pos_rpc_session"
PATH = "/protojsonservice/JackRabbitService"


@pytest.fixture
def server(bench: Bench) -> Iterator[LiveServer]:
    with LiveServer(bench) as live:
        yield live


@pytest.fixture
def control(server: LiveServer) -> Iterator[ServerClient]:
    with ServerClient(server.url) as client:
        yield client


@pytest.fixture
def link(control: ServerClient) -> Iterator[Link]:
    with Link(control) as opened:
        yield opened


@pytest.fixture
def till(server: LiveServer, bench: Bench) -> Iterator[Callable[..., PointOfSale]]:
    """Makes tills; ``form`` are the parameters of the connection tokens that they are given."""
    made: list[PointOfSale] = []

    def open_till(key: str = DEFAULT_KEY, **form: str) -> PointOfSale:
        made.append(PointOfSale(server.url, lambda: token(bench, key, **form), poll_every_s=0.005))
        return made[-1]

    yield open_till
    for pos in made:
        pos.close()


def token(bench: Bench, key: str = DEFAULT_KEY, **form: str) -> str:
    secret: str = bench.call("POST", "/v1/terminal/connection_tokens", form, key=key)["secret"]
    return secret


def session(bench: Bench, key: str = DEFAULT_KEY, **form: str) -> str:
    made = bench.call("POST", GENERATE, {"pos_device_id": "till"}, key=token(bench, key, **form))
    session_key: str = made["sdk_rpc_session_token"]
    return session_key


class Link:
    """Commands to readers as a careful client sends them, and as a careless one does."""

    def __init__(self, control: ServerClient) -> None:
        self.port: int = control.info()["reader_link"]["port"]
        self.trust = ssl.create_default_context(cadata=control.certificate())
        self.http: dict[str, httpx.Client] = {}

    def __enter__(self) -> Link:
        return self

    def __exit__(self, *_: object) -> None:
        for client in self.http.values():
            client.close()

    def post(self, serial: str, body: bytes, *, host: str | None = None, path: str = PATH, method: str = "POST") -> Any:
        name = f"{serial.lower()}.reader.localhost"
        # A client would use a connection that greeted another reader again, for the address is the same.
        if name not in self.http:
            self.http[name] = httpx.Client(verify=self.trust, trust_env=False, timeout=20)
        return self.http[name].request(
            method,
            f"https://127.0.0.1:{self.port}{path}",
            content=body,
            headers={"host": host or f"{name}:{self.port}"},
            extensions={"sni_hostname": name},
        )

    def ask(self, serial: str, key: str, method: str, content: dict[str, Any] | None = None) -> dict[str, Any]:
        """The content of the answer, or ``{"error": …}``."""
        packed = base64.b64encode(json.dumps(content or {}).encode()).decode()
        envelope = {"id": 1, "service": "JackRabbitService", "method": method, "content": packed, "session_token": key}
        said = self.post(serial, json.dumps(envelope).encode()).json()
        return json.loads(base64.b64decode(said["content"])) if "content" in said else said

    def code(self, serial: str, key: str, method: str, content: dict[str, Any] | None = None) -> str:
        """The code of the refusal; empty when there was none."""
        return self.ask(serial, key, method, content).get("error", {}).get("code", "")
