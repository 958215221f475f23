"""The example, run as a reader of the documentation would run it: in real time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from countertop.bench import Bench
from countertop.clock import Clock
from countertop.server import LiveServer

EXAMPLE = Path(__file__).parents[2] / "examples" / "point_of_sale.py"


def test_the_example_takes_a_payment():
    with Bench(clock=Clock.real(20)) as bench, LiveServer(bench) as server:
        reader = bench.reader()
        done = subprocess.run(
            [sys.executable, EXAMPLE, server.url], capture_output=True, text=True, timeout=60, check=False
        )
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == f"connected to: {reader.serial}"
    assert lines[1].startswith("collected: pm_")
    assert lines[2:] == ["confirmed: succeeded"]
