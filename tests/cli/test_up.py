"""``countertop up`` as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from tests.cli.conftest import Countertop

from countertop.bench import Bench
from countertop.cli.fleet_file import read_fleet
from countertop.cli.set_up import Wishes, prepare
from countertop.client import ServerClient


@dataclass
class Up:
    """A running server process and what it printed when it was ready."""

    process: subprocess.Popen[str]
    greeting: str

    @property
    def url(self) -> str:
        return self.greeting.split(" at ", 1)[1].split()[0]

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Exit status and what is on standard error."""
        self.process.send_signal(number)
        _, err = self.process.communicate(timeout=30)
        return self.process.returncode, err


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Callable[..., Up]]:
    started: list[subprocess.Popen[str]] = []
    environment = os.environ | {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "share")}

    def start(*arguments: str) -> Up:
        command = [sys.executable, "-m", "countertop", "up", "--port", "0", *arguments]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
        started.append(process)
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("Stop with"):
                break
        else:
            raise AssertionError(process.communicate(timeout=30)[1])
        return Up(process, "".join(lines))

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=30)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_greets_serves_and_stops_cleanly(up: Callable[..., Up], number: int, tmp_path: Path) -> None:
    running = up("--readers", "2", "--account", "sk_test_london=GB")
    assert running.greeting.count("tmr_") == 2
    assert "sk_test_counter" in running.greeting
    assert str(tmp_path / "share" / "countertop" / "countertop.db") in running.greeting
    with ServerClient(running.url) as client:
        assert client.account("sk_test_london")["country"] == "GB"
        assert len(client.readers()) == 2
        assert client.clock()["speed"] == 1
    assert running.stop(number) == (0, "")


def test_a_world_is_kept_in_its_file(up: Callable[..., Up], tmp_path: Path) -> None:
    data = str(tmp_path / "world.db")
    first = up("--data", data, "--readers", "1")
    with ServerClient(first.url) as client:
        made = client.call("POST", "/v1/customers", {"name": "Ada"})["id"]
        reader = client.readers()[0]["id"]
    first.stop()
    second = up("--data", data, "--readers", "1")
    with ServerClient(second.url) as client:
        assert client.call("GET", f"/v1/customers/{made}")["name"] == "Ada"
        assert [view["id"] for view in client.readers()] == [reader]
        assert client.call("POST", "/v1/customers")["id"] != made
    assert second.stop() == (0, "")


def test_a_second_server_on_the_same_file_is_refused(
    up: Callable[..., Up], countertop: Countertop, tmp_path: Path
) -> None:
    data = str(tmp_path / "world.db")
    up("--data", data)
    done = countertop("up", "--port", "0", "--data", data)
    assert done.status == 1
    assert "in use by another" in done.err
    assert done.err.count("\n") == 1


def test_a_world_in_memory_is_not_kept(up: Callable[..., Up], tmp_path: Path) -> None:
    running = up("--memory", "--seed", "7", "--speed", "60")
    assert "in memory" in running.greeting
    with ServerClient(running.url) as client:
        assert client.info()["seed"] == "7"
        assert client.clock()["speed"] == 60
    running.stop()
    assert not (tmp_path / "share").exists()


def test_objects_are_loaded_from_a_file(up: Callable[..., Up], tmp_path: Path) -> None:
    file = tmp_path / "seed.json"
    file.write_text(json.dumps([{"id": "cus_1", "object": "customer", "name": "Ada"}]))
    running = up("--memory", "--load", str(file))
    with ServerClient(running.url) as client:
        assert client.call("GET", "/v1/customers/cus_1")["name"] == "Ada"


def test_webhooks_are_forwarded_with_the_printed_secret(up: Callable[..., Up]) -> None:
    import stripe

    with socket.create_server(("127.0.0.1", 0)) as app:
        app.settimeout(20)
        url = f"http://127.0.0.1:{app.getsockname()[1]}/hook"
        running = up("--memory", "--forward-to", url, "--events", "customer.created")
        secret = running.greeting.split("whsec_", 1)[1].split()[0]
        httpx.post(f"{running.url}/v1/customers", auth=("sk_test_counter", ""), trust_env=False)
        connection, _ = app.accept()
        with connection:
            connection.settimeout(20)
            received = b""
            while b"\r\n\r\n" not in received or b'"type"' not in received:
                received += connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    head, _, body = received.partition(b"\r\n\r\n")
    signature = next(
        line.partition(": ")[2] for line in head.decode().split("\r\n") if line.lower().startswith("stripe-signature")
    )
    event = stripe.Webhook.construct_event(body, signature, f"whsec_{secret}")  # type: ignore[no-untyped-call]
    assert event.type == "customer.created"


def test_an_address_that_others_can_reach_is_warned_about(up: Callable[..., Up]) -> None:
    running = up("--memory", "--host", "0.0.0.0")
    assert running.url.startswith("http://127.0.0.1:")
    assert "Warning: 0.0.0.0 can be reached from other machines" in running.stop()[1]


def test_a_port_in_use_is_one_line_and_touches_no_file(countertop: Countertop, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        data = tmp_path / "world.db"
        done = countertop("up", "--port", port, "--data", str(data))
    assert done.status == 1
    assert done.err == (
        f"countertop: Port {port} on 127.0.0.1 is in use. "
        f"Stop what listens there, or choose another: --port {int(port) + 1}\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["--memory", "--data", "x.db"],
        ["--readers", "1", "--fleet", "x.toml"],
        ["--events", "customer.created"],
        ["--memory", "--load", "no-such-file.json"],
        ["--memory", "--fleet", "no-such-file.toml"],
        ["--memory", "--account", "nonsense"],
        ["--memory", "--account", "sk_test_x=XX"],
    ],
)
def test_options_that_make_no_sense_are_one_line(countertop: Countertop, arguments: list[str]) -> None:
    done = countertop("up", "--port", "0", *arguments)
    assert done.status == 1
    assert done.err.startswith("countertop: ")
    assert done.err.count("\n") == 1


def test_a_foreign_data_file_is_one_line_and_stays_as_it_is(countertop: Countertop, tmp_path: Path) -> None:
    data = tmp_path / "letter.txt"
    data.write_text("Dear Ada, ...")
    done = countertop("up", "--port", "0", "--data", str(data))
    assert done.status == 1
    assert done.err.count("\n") == 1
    assert data.read_text() == "Dear Ada, ..."


def test_a_fleet_file_brings_the_seed_of_its_world(up: Callable[..., Up], tmp_path: Path) -> None:
    file = tmp_path / "fleet.toml"
    file.write_text('[fleet]\nseed = "shop-1"\n[[location]]\ndisplay_name = "A"\n[[reader]]\nlocation = "A"\n')
    with ServerClient(up("--memory", "--fleet", str(file)).url) as client:
        [first] = client.readers()
    with Bench(seed="shop-1") as bench:
        prepare(bench, Wishes(fleet=read_fleet(file)))
        assert bench.call("GET", "/v1/terminal/readers")["data"][0]["id"] == first["id"]
