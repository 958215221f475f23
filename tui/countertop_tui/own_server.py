"""A server of one's own: a child process that lives as long as the screen does."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from countertop.errors import CountertopError

READERS = 4
PATIENCE_S = 30.0
MOST_LINES = 100
ADDRESS = re.compile(r"https?://127\.0\.0\.1:\d+")
COMMAND = (sys.executable, "-m", "countertop_tui.kept_server", "up", "--memory", "--port", "0")


@contextmanager
def own_server(readers: int = READERS) -> Iterator[str]:
    """The address of a server that keeps its world in memory; it is ended afterwards.

    Raises CountertopError when it does not start.
    """
    child = subprocess.Popen(
        [*COMMAND, "--readers", str(readers)],
        stdin=subprocess.PIPE,  # it ends when this is closed
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # Ctrl-C is for the screen
    )
    assert child.stdout is not None, "it is a pipe"
    stdout, said, found = child.stdout, list[str](), threading.Event()
    # Whatever it prints is read, so that it never waits for somebody to do so.
    reader = threading.Thread(target=_read, args=(stdout, said, found), name="countertop-own-server", daemon=True)
    reader.start()
    try:
        found.wait(PATIENCE_S)
        yield _address(said)
    finally:
        assert child.stdin is not None, "it is a pipe"
        child.stdin.close()
        child.terminate()
        try:
            child.wait(5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        reader.join()
        stdout.close()


def _read(stdout: IO[str], said: list[str], found: threading.Event) -> None:
    for line in stdout:
        if len(said) < MOST_LINES:
            said.append(line.rstrip())
        if ADDRESS.search(line):
            found.set()
    found.set()


def _address(said: list[str]) -> str:
    """What it printed as its address."""
    for line in said:
        if (match := ADDRESS.search(line)) is not None:
            return match[0]
    last = said[-1] if said else "it says nothing"
    raise CountertopError(f"A server of its own does not start: {last}", "Start one with: countertop up")
