"""``countertop device export``: a process that lends a virtual device, and our drivers as its hosts."""

from __future__ import annotations

import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

import countertop_drivers
from countertop_drivers import CardAbsent, open_card, open_swipe

WITHIN_S = 20
SELECT_VISA = bytes.fromhex("00A4040007A000000003101000")


class Export:
    """The process.  ``url``: what our drivers call its device."""

    def __init__(self, *words: str) -> None:
        self.child = subprocess.Popen(
            [sys.executable, "-u", "-m", "countertop", "device", "export", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.said: list[str] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self.child.stdout is not None
        for line in self.child.stdout:
            self._lines.put(line.rstrip("\n"))

    def sees(self, text: str) -> str:
        """Wait until it prints this; the line."""
        while True:
            line = self._lines.get(timeout=WITHIN_S)
            self.said.append(line)
            if text in line:
                return line

    @property
    def url(self) -> str:
        return self.sees("Our own drivers call it: ").partition("it: ")[2]

    def use(self) -> None:
        """A hand at the device."""
        assert self.child.stdin is not None
        self.child.stdin.write("\n")
        self.child.stdin.flush()

    def end(self, number: int = signal.SIGINT) -> int:
        if self.child.poll() is None:
            self.child.send_signal(number)
        status = self.child.wait(WITHIN_S)
        self._thread.join(5)
        for stream in (self.child.stdin, self.child.stdout):
            if stream is not None:
                stream.close()
        while not self._lines.empty():
            self.said.append(self._lines.get())
        return status


@pytest.fixture
def export() -> Iterator[Callable[..., Export]]:
    running: list[Export] = []

    def begin(*words: str) -> Export:
        running.append(Export(*words))
        return running[-1]

    yield begin
    for one in running:
        one.end(signal.SIGKILL)


def free() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("kind", ["ccid", "acr122", "pn532"])
def test_a_card_comes_answers_and_goes(export, kind):
    process = export(kind, "--listen", free())
    with open_card(process.url) as link:
        assert link.wait(True, 5)
        link.power_on()
        assert link.transmit(SELECT_VISA)[-2:] == b"\x90\x00"
        process.use()
        process.sees("The card was taken away.")
        assert link.wait(False, 5)
        with pytest.raises(CardAbsent):
            link.power_on()
        process.use()
        process.sees("The card is there.")
        assert link.wait(True, 5)
        link.power_on()
        assert link.transmit(SELECT_VISA)[-2:] == b"\x90\x00"
    assert process.end() == 0


@pytest.mark.parametrize("kind", ["swipe", "msr605"])
def test_a_card_is_swiped(export, kind):
    process = export(kind, "--card", "visa_stripe", "--listen", free())
    with open_swipe(process.url) as link:
        end = time.monotonic() + 10
        swipe = None
        while swipe is None and time.monotonic() < end:
            process.use()
            swipe = link.read(0.5)
        assert swipe is not None
        assert swipe.tracks[1] is not None
        assert swipe.tracks[1].startswith(b"4242424242424242=")
    process.sees("The card was swiped.")
    assert process.end() == 0


@pytest.mark.parametrize("kind", ["pn532", "msr605"])
def test_on_a_pseudo_terminal(export, kind):
    process = export(kind, "--card", "visa", "--pty")
    url = process.url
    assert url.startswith(f"{kind}:serial:/dev/")
    with countertop_drivers.open(url):
        pass
    assert process.end(signal.SIGTERM) in (0, -signal.SIGTERM)


def test_two_exports_of_a_day_are_not_replays_of_each_other(export):
    counters = []
    for _ in range(2):
        process = export("ccid", "--listen", free())
        with open_card(process.url) as link:
            link.power_on()
            link.transmit(SELECT_VISA)
            counters.append(link.transmit(bytes.fromhex("80CA9F3600")))
        process.end()
    assert counters[0][-2:] == b"\x90\x00"
    assert counters[0] <= counters[1]
    process = export("ccid", "--listen", free(), "--atc", "7")
    with open_card(process.url) as link:
        link.power_on()
        link.transmit(SELECT_VISA)
        assert link.transmit(bytes.fromhex("80CA9F3600")) == bytes.fromhex("9F360200079000")


def test_an_empty_reader(export):
    process = export("ccid", "--card", "none", "--listen", free())
    with open_card(process.url) as link:
        assert not link.present
        process.use()
        process.sees("There is no card.")


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (("toaster",), 2, "toaster"),
        (("ccid", "--pty"), 1, "--pty is for pn532 and msr605"),
        (("pn532", "--pty", "--listen", "127.0.0.1:1"), 1, "instead of --listen"),
        (("ccid", "--listen", "nowhere"), 1, "is no HOST:PORT"),
        (("ccid", "--card", "visa_stripe"), 1, "has no chip"),
        (("ccid", "--card", "apple_pay:visa"), 1, "A phone goes into no slot"),
        (("ccid", "--card", "nonsense"), 1, "nonsense"),
    ],
)
def test_what_is_refused_is_one_line(export, words, status, says):
    process = export(*words)
    assert process.child.wait(WITHIN_S) == status
    process.end()
    assert says in process.said[-1]
    assert "Traceback" not in "\n".join(process.said)


@pytest.mark.parametrize("kind", ["ccid", "pn532"])
def test_a_port_in_use(export, kind):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = export(kind, "--listen", f"127.0.0.1:{taken.getsockname()[1]}")
        assert process.child.wait(WITHIN_S) == 1
    process.end()
    assert "Cannot listen at" in process.said[-1]
