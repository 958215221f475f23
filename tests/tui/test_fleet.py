"""The plain fleet table, and what it and the screens may import."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest

from countertop.bench import Bench
from countertop.client import ServerNotRunning
from countertop.server import LiveServer
from countertop_tui import plain

PROBE = """
import sys
import countertop_tui.app
import countertop_tui.fleet
rooms = {name.split(".")[1] for name in sys.modules if name.startswith("countertop.")}
print(*sorted(rooms))
"""


def test_the_table_has_a_line_for_each_reader(bench: Bench) -> None:
    till = bench.reader(label="Till")
    bar = bench.reader(label="Bar", key="sk_test_other")
    bar.fault("offline")
    bench.advance(minutes=3)
    serial = bench.unbox(model="bbpos_wisepos_e")
    out = io.StringIO()
    with LiveServer(bench) as server:
        plain.main(server.url, out)
    lines = out.getvalue().splitlines()
    assert lines[0].split() == list(plain.HEAD)
    rows = {line.split()[0]: line for line in lines[1:-1]}
    assert set(rows) == {till.id, bar.id, serial}
    assert " online " in rows[till.id]
    assert " offline " in rows[bar.id]
    assert "not registered" in rows[serial]
    assert lines[-1] == "3 readers, 1 online"


def test_an_empty_counter_is_an_empty_table() -> None:
    assert plain.draw([]).splitlines()[-1] == "0 readers, 0 online"


def test_a_server_that_is_not_there_is_said() -> None:
    with pytest.raises(ServerNotRunning):
        plain.main("http://127.0.0.1:9")


def test_it_knows_nothing_but_the_client() -> None:
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True, timeout=60)
    assert set(done.stdout.split()) <= {"client", "errors", "forms"}
