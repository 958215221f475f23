"""A server of one's own: a child process that lives as long as the screen does."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from countertop.errors import CountertopError

READERS = 4
PATIENCE_S = 30.0
ADDRESS = re.compile(r"https?://127\.0\.0\.1:\d+")
COMMAND = (sys.executable, "-m", "countertop", "up", "--memory", "--port", "0")


@contextmanager
def own_server(readers: int = READERS) -> Iterator[str]:
    """The address of a server that keeps its world in memory; it is ended afterwards.

    Raises CountertopError when it does not start.
    """
    child = subprocess.Popen(
        [*COMMAND, "--readers", str(readers)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # Ctrl-C is for the screen
    )
    try:
        yield _address(child)
    finally:
        child.terminate()
        try:
            child.wait(5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _address(child: subprocess.Popen[str]) -> str:
    """What it prints as its address; whatever else it prints is read, so that it never waits for a reader."""
    assert child.stdout is not None, "it is a pipe"
    stdout, said, found = child.stdout, list[str](), threading.Event()

    def read() -> None:
        for line in stdout:
            if len(said) < 100:
                said.append(line.rstrip())
            if ADDRESS.search(line):
                found.set()
        found.set()

    threading.Thread(target=read, name="countertop-own-server", daemon=True).start()
    found.wait(PATIENCE_S)
    for line in said:
        if (match := ADDRESS.search(line)) is not None:
            return match[0]
    raise CountertopError(f"A server of its own does not start: {said[-1] if said else 'it says nothing'}", "")
