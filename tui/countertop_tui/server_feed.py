"""The way to the server: the fleet at first, then what changes; when it is lost, again and again until it is back.

Runs in a thread of its own, with two clients: one that listens, and one that asks.  What it hears it hands to
callbacks, which have to see to it themselves that they run where they should.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from countertop.client import ServerClient, ServerNotRunning
from countertop.client.sse import StreamItem
from countertop.errors import CountertopError

RETRY_S = (0.2, 0.5, 1.0, 2.0)
TOPICS = ("reader", "event", "clock")


@dataclass(frozen=True, slots=True)
class Ears:
    """Who is told what: that the server is there (with all readers) or gone, and each item of its stream."""

    found: Callable[[list[dict[str, Any]]], None]
    lost: Callable[[str], None]
    heard: Callable[[StreamItem], None]


class ServerFeed:
    """Follows one server until :meth:`stop`."""

    def __init__(self, url: str, ears: Ears) -> None:
        self._url = url
        self._ears = ears
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="countertop-feed", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Listen no more; returns at once."""
        self._stopped.set()

    def _follow(self) -> None:
        tries = 0
        while not self._stopped.is_set():
            try:
                with ServerClient(self._url) as listening, listening.listening(*TOPICS) as stream:
                    # The stream is open before the fleet is read, so that no change falls between the two.
                    with ServerClient(self._url) as asking:
                        self._ears.found(asking.readers())
                    tries = 0
                    for item in stream:
                        if self._stopped.is_set():
                            return
                        self._ears.heard(item)
                self._ears.lost("The server has stopped.")
            except (ServerNotRunning, CountertopError) as error:
                self._ears.lost(str(error))
            self._stopped.wait(RETRY_S[min(tries, len(RETRY_S) - 1)])
            tries += 1
