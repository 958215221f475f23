"""Servers that go and come back, a server of one's own, terminals that vanish, and what is remembered."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from screens import Seat, sit_down

from countertop.bench import Bench
from countertop.client import ServerClient
from countertop.errors import CountertopError, MissingExtra
from countertop.server import LiveServer
from countertop_tui import fleet
from countertop_tui import own_server as own
from countertop_tui.app import FleetApp
from countertop_tui.memory import Memory, usual_file
from countertop_tui.own_server import own_server
from countertop_tui.wallet import Wallet


def test_a_server_that_goes_and_comes_back(bench: Bench) -> None:
    """Lost: a banner, and every key still works.  Back: the state is right again."""
    till = bench.reader(label="Till")

    async def run() -> None:
        first = LiveServer(bench)
        with first:
            port = int(first.url.rsplit(":", 1)[1])
            app = FleetApp(first.url)
            async with app.run_test(size=(120, 40)) as pilot:
                seat = Seat(app, pilot, bench, first)
                await seat.until(lambda: len(app.desk.rows) == 1)
                await seat.settled()
                await asyncio.to_thread(first.close)
                await seat.until(lambda: app.query_one("#banner").has_class("lost"), "no banner")
                assert "cannot be reached" in seat.text()
                await seat.press("o")  # refused in words, nothing breaks
                await seat.until(lambda: any(line.kind == "refused" for line in app.desk.log.lines))
                await seat.press("5", "1")
                till.fault("offline")
                bench.reader(label="Bar")
                with LiveServer(bench, port=port):
                    await seat.until(lambda: not app.query_one("#banner").has_class("lost"), "it stays lost")
                    await seat.until(lambda: len(app.desk.rows) == 2)
                    assert app.desk.rows[till.serial].faults == "offline"
                    bench.find_reader(till.id).fault("offline", on=False)
                    await seat.until(lambda: app.desk.rows[till.serial].faults == "", "the stream is dead")

    asyncio.run(run())


def test_a_server_that_goes_while_a_dialog_is_open(bench: Bench) -> None:
    till = bench.reader(label="Till")

    async def work(seat: Seat) -> None:
        await seat.press("h")
        await seat.dialog(Wallet)
        bench.find_reader(till.id).fault("slow")
        await seat.until(lambda: seat.app.desk.rows[till.serial].faults == "slow", "nothing is heard under a dialog")
        await asyncio.to_thread(seat.server.close)
        await seat.until(lambda: not seat.app.desk.there)
        await seat.press("escape")
        await seat.until(lambda: "cannot be reached" in seat.text())

    sit_down(bench, work)


def test_a_world_that_is_emptied_under_the_screen(bench: Bench) -> None:
    bench.reader(label="Till")

    async def work(seat: Seat) -> None:
        with ServerClient(seat.server.url) as client:
            await asyncio.to_thread(client.reset)
        await seat.until(lambda: len(seat.app.desk.rows) == 0)
        assert "No reader is selected" in seat.text()

    sit_down(bench, work)


@pytest.mark.slow
def test_something_else_at_the_address_is_a_banner() -> None:
    """A web server that is no Countertop: said, and asked again; keys work, nothing breaks."""

    class Stranger(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b'[{"neither": "fish"}]'
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # its name there
            pass

    async def run(url: str) -> None:
        app = FleetApp(url)
        async with app.run_test(size=(120, 40)) as pilot:
            seat = Seat(app, pilot, None, None)
            await seat.until(lambda: app.query_one("#banner").has_class("lost"))
            await seat.press("2", "3", "4", "5", "6", "1", "o", "n", "T")
            assert app.is_running

    with ThreadingHTTPServer(("127.0.0.1", 0), Stranger) as stranger:
        thread = threading.Thread(target=stranger.serve_forever)
        thread.start()
        try:
            asyncio.run(run(f"http://127.0.0.1:{stranger.server_port}"))
        finally:
            stranger.shutdown()
            thread.join()


def test_an_address_that_is_none_is_one_line(tmp_path: Path) -> None:
    terminal = Terminal("nonsense", tmp_path)
    status = terminal.ended()
    assert os.WEXITSTATUS(status) == 1
    assert b"is no address of a server" in terminal.said
    assert b"Traceback" not in terminal.said
    os.close(terminal.fd)


def test_without_its_extra_it_says_which(monkeypatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setenv("TEXTUAL_DRIVER", "as if there were a terminal")
    with pytest.raises(MissingExtra, match=r"countertop\[tui\]"):
        fleet.main("http://127.0.0.1:9")


def test_a_server_of_its_own_ends_with_it() -> None:
    with own_server(readers=2) as url, ServerClient(url) as client:
        assert len(client.readers()) == 2
    with pytest.raises(CountertopError):
        ServerClient(url).info()


def test_a_server_of_its_own_ends_when_its_owner_is_killed() -> None:
    code = (
        "import time\nfrom countertop_tui.own_server import own_server\n"
        "with own_server(0) as url:\n    print(url, flush=True)\n    time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        url = owner.stdout.readline().strip()
        with ServerClient(url) as client:
            assert client.info()["name"] == "countertop"
        owner.kill()
    ends = time.monotonic() + 15
    while True:
        try:
            with ServerClient(url) as client:
                client.info()
        except CountertopError:
            return
        assert time.monotonic() < ends, "it lives on"
        time.sleep(0.1)


def test_a_server_of_its_own_that_does_not_start_is_said(monkeypatch) -> None:
    monkeypatch.setattr(own, "COMMAND", (sys.executable, "-c", "print('no port is free')"))
    with pytest.raises(CountertopError, match="no port is free"), own_server():
        pass


# --- in a terminal -----------------------------------------------------------------------------------------------


class Terminal:
    """``countertop fleet`` on a pseudo-terminal."""

    def __init__(self, url: str, home: Path) -> None:
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ |= {"TERM": "xterm-256color", "HOME": str(home), "COLUMNS": "120", "LINES": "40"}
            os.environ.pop("XDG_STATE_HOME", None)
            os.execv(sys.executable, [sys.executable, "-m", "countertop", "fleet", url])
        self.said = b""

    def until(self, words: bytes, patience: float = 30) -> None:
        ends = time.monotonic() + patience
        while words not in self.plain():
            assert time.monotonic() < ends, self.plain()[-2000:]
            self.read()

    def read(self, patience: float = 0.1) -> bool:
        if select.select([self.fd], [], [], patience)[0]:
            try:
                self.said += os.read(self.fd, 65536)
            except OSError:
                return False
        return True

    def plain(self) -> bytes:
        return re.sub(rb"\x1b\[[0-9;?]*[a-zA-Z]", b"", self.said)

    def ended(self, patience: float = 10) -> int:
        """Its status, once it has ended."""
        ends = time.monotonic() + patience
        while time.monotonic() < ends:
            self.read(0.05)
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                return status
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        raise AssertionError("it does not end")


@pytest.mark.parametrize("how", ["q", "SIGTERM", "SIGHUP"])
def test_it_leaves_the_terminal_as_it_was(bench: Bench, tmp_path: Path, how: str) -> None:
    bench.reader(label="Till")
    with LiveServer(bench) as server:
        terminal = Terminal(server.url, tmp_path)
        terminal.until(b"Till")
        if how == "q":
            os.write(terminal.fd, b"q")
        else:
            os.kill(terminal.pid, getattr(signal, how))
        status = terminal.ended()
    assert os.WIFEXITED(status)
    assert os.WEXITSTATUS(status) == 0
    for undone in (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l"):  # screen, cursor, mouse
        assert undone in terminal.said
    assert b"Traceback" not in terminal.said
    os.close(terminal.fd)
    assert json.loads((tmp_path / ".local/state/countertop/fleet.json").read_text())["sort"] == "label"


def test_a_terminal_that_vanishes_takes_it_along(bench: Bench, tmp_path: Path) -> None:
    bench.reader(label="Till")
    with LiveServer(bench) as server:
        terminal = Terminal(server.url, tmp_path)
        terminal.until(b"Till")
        os.close(terminal.fd)
        ends = time.monotonic() + 10
        while os.waitpid(terminal.pid, os.WNOHANG)[0] == 0:
            assert time.monotonic() < ends, "it lives on without a terminal"
            time.sleep(0.05)


# --- what is remembered ------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_it_is_as_it_was_left(bench: Bench, tmp_path: Path) -> None:
    for label in ("Till", "Bar"):
        bench.reader(label=label)
    file = tmp_path / "state" / "fleet.json"

    async def change(seat: Seat) -> None:
        await seat.press("ctrl+t", "slash")
        await seat.type("till")
        await seat.until(lambda: len(seat.app.desk.rows.shown) == 1)

    async def look(seat: Seat) -> None:
        assert seat.app.theme == "textual-light"
        await seat.until(lambda: len(seat.app.desk.rows.shown) == 1)
        assert seat.app.desk.rows.filtered_by == "till"

    sit_down(bench, change, memory=Memory.read(file))
    sit_down(bench, look, memory=Memory.read(file))


@pytest.mark.parametrize("broken", [b"", b"[]", b"{", b'{"columns": 3, "theme": 7, "sort": "nonsense"}', b"\xff\xfe"])
def test_a_broken_memory_is_as_good_as_none(bench: Bench, tmp_path: Path, broken: bytes) -> None:
    file = tmp_path / "fleet.json"
    file.write_bytes(broken)
    bench.reader(label="Till")

    async def work(seat: Seat) -> None:
        assert "Till" in seat.text()

    sit_down(bench, work, memory=Memory.read(file))


def test_where_it_is_kept() -> None:
    assert usual_file({"XDG_STATE_HOME": "/s"}) == Path("/s/countertop/fleet.json")
    assert usual_file({"HOME": "/h"}) == Path("/h/.local/state/countertop/fleet.json")


def test_a_disk_that_refuses_is_not_worth_a_word(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    Memory(file=tmp_path / "file" / "fleet.json").write()
