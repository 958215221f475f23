"""The way to the server: the fleet at first, then what changes; when it is lost, again and again until it is back.

Runs in a thread of its own, with two clients: one that listens, and one that asks.  What it hears it hands to
callbacks, which have to see to it themselves that they run where they should.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from countertop.client import ServerClient
from countertop.client.sse import StreamItem
from countertop.errors import CountertopError

RETRY_S = (0.2, 0.5, 1.0, 2.0)
TOPICS = ("request", "event", "reader", "webhook", "clock", "device")
DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class World:
    """What the server says when it is found.  ``places``: names of locations by their ids; ``sales``: of today."""

    info: dict[str, Any]
    readers: list[dict[str, Any]] = field(repr=False)
    places: dict[str, str]
    sales: list[dict[str, Any]]
    kinds: dict[str, list[dict[str, Any]]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ears:
    """Who is told what: that the server is there or gone, and each item of its stream."""

    found: Callable[[World], None]
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
                    self._ears.found(read_world(self._url))
                    tries = 0
                    for item in stream:
                        if self._stopped.is_set():
                            return
                        self._ears.heard(item)
                why = "The server has stopped."
            except CountertopError as error:
                why = str(error)
            except Exception as error:  # whatever a stranger at that address answers: the screen stays
                why = f"What it says is not understood ({type(error).__name__}: {error})."
            if self._stopped.is_set():
                return
            self._ears.lost(why)
            self._stopped.wait(RETRY_S[min(tries, len(RETRY_S) - 1)])
            tries += 1


def read_world(url: str) -> World:
    """Everything that the screens begin with."""
    with ServerClient(url) as client:
        info = client.info()
        if not isinstance(info, dict) or info.get("name") != "countertop":
            raise CountertopError(f"What answers at {url} is no Countertop server.", "Start one with: countertop up")
        readers = client.readers()
        midnight = int(info["clock"]["now"]) // DAY_S * DAY_S
        kinds = {"faults": client.kinds_of_fault(), "models": client.models()}
        return World(info, readers, read_places(client), client.sales(midnight), kinds)


def read_places(client: ServerClient) -> dict[str, str]:
    """The names of all locations by their ids."""
    return {str(place["id"]): str(place["display_name"]) for place in client.locations()}
