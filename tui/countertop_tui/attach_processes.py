"""Devices that were attached from the screens: each a process of its own, which ends with the screen."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, Any

MOST_LINES = 50
LISTING_S = 3.0
KEPT = (sys.executable, "-m", "countertop_tui.kept_server")


@dataclass(slots=True)
class AttachProcess:
    """One of them.  ``said``: the last lines that it printed."""

    device: str
    child: subprocess.Popen[str]
    said: deque[str] = field(default_factory=lambda: deque(maxlen=MOST_LINES))

    def stop(self) -> None:
        """It ends when its standard input does."""
        if self.child.stdin is not None:
            self.child.stdin.close()


def words_of(device: str, reader: str, url: str, record: str = "") -> list[str]:
    """What stands behind ``countertop``."""
    return ["attach", device, "--reader", reader, "--url", url, *(["--record", record] if record else [])]


def command_of(device: str, reader: str, url: str, record: str = "") -> str:
    """The command line that does the same."""
    return shlex.join(["countertop", *words_of(device, reader, url, record)])


class AttachProcesses:
    """All of this screen.  ``ended`` is told, in a thread, of one that ended by itself: its device, its last line."""

    def __init__(self, ended: Callable[[str, str], None]) -> None:
        self._ended = ended
        self._running: list[AttachProcess] = []

    def start(self, device: str, reader: str, url: str, record: str = "") -> None:
        """Attach a device."""
        child = subprocess.Popen(
            [*KEPT, *words_of(device, reader, url, record)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # Ctrl-C is for the screen
        )
        process = AttachProcess(device, child)
        self._running.append(process)
        assert child.stdout is not None, "it is a pipe"
        threading.Thread(target=self._follow, args=(process, child.stdout), name="attached", daemon=True).start()

    def stop(self) -> None:
        """Have them all end; nobody waits for that, least of all the screen."""
        running, self._running = self._running, []
        for process in running:
            process.stop()

    def _follow(self, process: AttachProcess, stdout: IO[str]) -> None:
        with stdout:
            for line in stdout:
                process.said.append(line.rstrip())
        process.child.wait()
        if process in self._running:
            self._running.remove(process)
            process.stop()
            self._ended(process.device, process.said[-1] if process.said else "")


def plugged_in() -> list[dict[str, Any]]:
    """What is plugged in at this machine: ``{"url", "title"}``; asked of the drivers in a process of their own, because
    whatever a library does there must not hold the screen up."""
    words = [sys.executable, "-m", "countertop", "device", "list", "--json", "--timeout", str(LISTING_S)]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=LISTING_S + 10, check=False)
        found: list[dict[str, Any]] = json.loads(done.stdout)["found"]
    except (subprocess.TimeoutExpired, ValueError, KeyError, OSError):
        return []
    return found
