"""The live feed: what happens in a bench, in order, for anyone who watches (transcript, live stream, screens).

An item is ``(at_ms, topic, data)``.  Topics: ``request`` (an API call and its answer), ``event`` (a Stripe event),
``reader`` (a device's state and screen), ``webhook`` (a delivery attempt), ``clock`` (time was advanced).  Items are
published after the transaction that caused them is committed, and ``data`` never holds a PAN, PIN or key.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One thing that happened.  ``at_ms`` is bench time, Unix milliseconds."""

    sequence: int
    at_ms: int
    topic: str
    data: dict[str, Any]


Watcher = Callable[[FeedItem], None]


class Feed:
    """Hands each published item to every watcher at once, in order of subscription."""

    def __init__(self) -> None:
        self._watchers: list[Watcher] = []
        self._sequence = 0

    @property
    def watched(self) -> bool:
        """False when nobody watches: callers may skip building costly items."""
        return bool(self._watchers)

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Subscribe; returns the function that ends the subscription.  A watcher must not block or raise."""
        self._watchers.append(watcher)

        def stop() -> None:
            if watcher in self._watchers:
                self._watchers.remove(watcher)

        return stop

    def publish(self, at_ms: int, topic: str, data: dict[str, Any]) -> None:
        """Give an item to every watcher."""
        if not self._watchers:
            return
        self._sequence += 1
        item = FeedItem(self._sequence, at_ms, topic, data)
        for watcher in tuple(self._watchers):
            watcher(item)
