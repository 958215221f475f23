"""Sends deliveries over HTTP: one worker thread for each endpoint, made when it is first needed.

A target that hangs, redirects or answers garbage costs its own endpoint one attempt of at most ten seconds, and
nothing else.  The threads never touch the world: they ask for the next shipment and report the outcome through
``run``, which takes the world's lock.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable

from countertop.webhooks.deliveries import Outcome, Shipment, endpoint_of
from countertop.webhooks.inbox import URL as INBOX_URL
from countertop.webhooks.poster import HttpPoster

log = logging.getLogger("countertop.webhooks")

TIME_LIMIT_S = 10.0


class HttpTransport:
    """Posts shipments."""

    def __init__(self, time_limit_s: float = TIME_LIMIT_S) -> None:
        self._post = HttpPoster(time_limit_s)

    def __call__(self, shipment: Shipment) -> Outcome:
        """Send once; never raises for what the target does."""
        if shipment.url.startswith(INBOX_URL):
            return Outcome(None, "the inbox belonged to a bench that is gone")
        reply = self._post(shipment.url, shipment.body, shipment.headers)
        return Outcome(reply.status, reply.error)

    def close(self) -> None:
        """Drop kept connections."""
        self._post.close()


class Sender:
    """Takes announced deliveries and sees them through."""

    def __init__(
        self,
        prepare: Callable[[str, str], Shipment | None],
        record: Callable[[Shipment, Outcome], None],
        transport: Callable[[], HttpTransport] = HttpTransport,
    ) -> None:
        self._prepare = prepare
        self._record = record
        self._transport = transport
        self._queues: dict[str, queue.Queue[tuple[str, str] | None]] = {}
        self._threads: list[threading.Thread] = []
        self._busy = 0
        self._quiet = threading.Condition()

    def announce(self, account: str, delivery: str) -> None:
        """Queue a delivery for its endpoint's worker.  Never blocks."""
        endpoint = endpoint_of(delivery)
        waiting = self._queues.get(endpoint)
        if waiting is None:
            waiting = self._queues[endpoint] = queue.Queue()
            thread = threading.Thread(target=self._work, args=(waiting,), name=f"webhooks {endpoint}", daemon=True)
            self._threads.append(thread)
            thread.start()
        with self._quiet:
            self._busy += 1
        waiting.put((account, delivery))

    def wait_quiet(self, timeout_s: float) -> bool:
        """Wait until nothing is queued or under way; False when that took longer than ``timeout_s`` wall seconds."""
        with self._quiet:
            return self._quiet.wait_for(lambda: self._busy == 0, timeout_s)

    def close(self, timeout_s: float = 2.0) -> None:
        """End the workers; a delivery under way is recorded if it ends within ``timeout_s``, else stays pending."""
        for waiting in self._queues.values():
            waiting.put(None)
        deadline = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        self._queues.clear()
        self._threads.clear()

    def _work(self, waiting: queue.Queue[tuple[str, str] | None]) -> None:
        transport = self._transport()
        while (task := waiting.get()) is not None:
            try:
                shipment = self._prepare(*task)
                if shipment is not None:
                    self._record(shipment, transport(shipment))
            except Exception:
                # The world could not be asked or told (a full disk): the row stays pending, and a restart resumes it.
                log.exception("the delivery %s was not settled", task[1])
            finally:
                with self._quiet:
                    self._busy -= 1
                    self._quiet.notify_all()
        transport.close()
