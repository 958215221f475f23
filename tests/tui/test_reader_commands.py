"""The commands that the screens show for what they do: the command line takes every one of them."""

from __future__ import annotations

import shlex
import subprocess
import sys

import pytest

from countertop.bench import Bench
from countertop.client import ServerClient
from countertop.server import LiveServer
from countertop_tui.deeds import Call, Deed
from countertop_tui.reader_commands import COMMANDS, ReaderCommand
from countertop_tui.rows import Row

TYPED = {"tap": "visa", "insert": "visa", "swipe": "visa_stripe", "pin": "1234", "press": "cancel", "tip": "200"}
TYPED |= {"enter": "Ann's", "fault": "slow", "update": "2.43.1.0"}


@pytest.fixture(scope="module")
def row() -> Row:
    with Bench() as bench:
        till = bench.reader(label="Till")
        with LiveServer(bench) as server, ServerClient(server.url) as client:
            return Row(client.reader(till.id))


@pytest.mark.parametrize("command", [each for each in COMMANDS if each.words], ids=lambda each: each.name)
def test_the_command_line_takes_it(command: ReaderCommand, row: Row) -> None:
    """It gets as far as the server, which is not there: nothing is wrong with the words."""
    written = shlex.split(command.written(row, TYPED.get(command.name, ""), "http://127.0.0.1:9"))
    assert written[0] == "countertop"
    done = subprocess.run(
        [sys.executable, "-m", "countertop", *written[1:]], capture_output=True, text=True, check=False, timeout=60
    )
    assert "No Countertop server answers at http://127.0.0.1:9" in done.stderr, done.stderr


def test_a_call_is_written_as_curl_does_it(bench: Bench) -> None:
    with LiveServer(bench) as server, ServerClient(server.url) as client:
        deed = Deed("Make a customer")
        client.asked = deed.asked
        client.call("POST", "/v1/customers", {"name": "Ann O'Hara"})
        client.asked = None
        (line,) = deed.curl(server.url).split("\n")
        assert line.startswith("curl -u sk_test_counter: -d ")
        done = subprocess.run(shlex.split(line), capture_output=True, text=True, check=False, timeout=60)
        if done.returncode == 0:
            assert "Ann O'Hara" in done.stdout
            assert len(client.call("GET", "/v1/customers")["data"]) == 2


def test_other_methods_are_named() -> None:
    assert Call("DELETE", "/v1/x", {}, None).curl("http://h") == "curl -X DELETE http://h/v1/x"
    assert Call("GET", "/v1/x", {}, None).curl("http://h") == "curl http://h/v1/x"
    assert Call("POST", "/v1/x", {}, b"").curl("http://h") == "curl -X POST http://h/v1/x"
