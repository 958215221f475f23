"""A server whose clock runs fast, a reader on it, and the attach command as a process of its own."""

from __future__ import annotations

import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import stripe

from countertop.bench import DEFAULT_KEY, Bench
from countertop.client import ServerClient
from countertop.clock import Clock
from countertop.server import LiveServer

WITHIN_S = 20.0
SPEED = 20.0


class Counter:
    """The server, its one reader, and the official SDK."""

    def __init__(self, bench: Bench, server: LiveServer, control: ServerClient) -> None:
        self.bench, self.url, self.control = bench, server.url, control
        self.reader = bench.reader()
        self.sdk = stripe.StripeClient(DEFAULT_KEY, base_addresses={"api": server.url})

    def ask(self, amount: int = 1250, currency: str = "usd") -> str:
        """Make a PaymentIntent and hand it to the reader; its id."""
        intent = self.sdk.v1.payment_intents.create(
            {"amount": amount, "currency": currency, "payment_method_types": ["card_present"]}
        )
        self.sdk.v1.terminal.readers.process_payment_intent(self.reader.id, {"payment_intent": intent.id})
        return intent.id

    def charge(self, intent: str) -> Any:
        """The charge of an intent, once the reader is done with it."""
        self.until(lambda: self.action()["status"] != "in_progress")
        found = self.sdk.v1.payment_intents.retrieve(intent, {"expand": ["latest_charge"]})
        return found.latest_charge

    def action(self) -> Any:
        """The reader's action."""
        return self.control.reader_action(self.reader.id)

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something is true, for twenty seconds at most."""
        end = time.monotonic() + WITHIN_S
        while not holds():
            assert time.monotonic() < end, self.control.reader(self.reader.serial)
            time.sleep(0.01)


@pytest.fixture
def counter() -> Iterator[Counter]:
    with Bench(clock=Clock.real(SPEED)) as bench, LiveServer(bench) as server, ServerClient(server.url) as control:
        yield Counter(bench, server, control)


class Attached:
    """``countertop attach`` at work.  ``said``: all that it printed."""

    def __init__(self, *args: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-u", "-m", "countertop", "attach", *args],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said: list[str] = []
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def sees(self, text: str) -> None:
        """Wait until it prints this."""
        end = time.monotonic() + WITHIN_S
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                line = None
            assert line is not None, f"never printed {text!r}, but:\n" + "\n".join(self.said)
            self.said.append(line)
            if text in line:
                return

    def ends(self) -> int:
        """Wait until it ends; its exit status."""
        status = self._process.wait(WITHIN_S)
        self._thread.join(5)
        while not self._lines.empty():
            line = self._lines.get()
            if line is not None:
                self.said.append(line)
        return status

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it by a signal."""
        if self._process.poll() is None:
            self._process.send_signal(number)
        status = self.ends()
        assert self._process.stdout is not None
        self._process.stdout.close()
        return status


@pytest.fixture
def attach(counter: Counter) -> Iterator[Callable[..., Attached]]:
    running: list[Attached] = []

    def begin(device: str, *options: str, ready: bool = True) -> Attached:
        attached = Attached(device, "--reader", counter.reader.id, "--url", counter.url, *options)
        running.append(attached)
        if ready:
            attached.sees("Ctrl-C lets go")
        return attached

    yield begin
    for attached in running:
        attached.stop()
