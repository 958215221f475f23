"""Pruning: events and deliveries after 30 days, idempotency records and the secrets of a POS after 24 hours."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from countertop.store import CreatedRange

if TYPE_CHECKING:
    from countertop.clock import Clock
    from countertop.store import Store
    from countertop.timers import Timers

DAY_S = 86_400
KEPT_FOR_S = {
    "event": 30 * DAY_S,
    "_delivery": 30 * DAY_S,
    "_idempotency": DAY_S,
    "_connection_token": DAY_S,
    "_pos_session": DAY_S,
}
EVERY_MS = 3_600_000
# One transaction removes at most so many rows of a kind, so that pruning never holds a server up for long.
MOST_AT_ONCE = 2_000


class Housekeeping:
    """Prunes once an hour of bench time.  ``accounts`` gives the ids to look at."""

    def __init__(self, clock: Clock, timers: Timers, store: Store, accounts: Callable[[], Iterable[str]]) -> None:
        self._clock = clock
        self._timers = timers
        self._store = store
        self._accounts = accounts

    def schedule(self) -> None:
        """Set the next round."""
        self._timers.volatile(self._clock.now_ms() + EVERY_MS, "housekeeping", self.run)

    def run(self) -> None:
        """One round, and set the next."""
        with self._store.transaction() as tx:
            for account in self._accounts():
                for kind, kept_for_s in KEPT_FOR_S.items():
                    old = CreatedRange(lt=self._clock.now() - kept_for_s)
                    for name in tx.names(account, kind, created=old, most=MOST_AT_ONCE):
                        tx.delete(account, kind, name)
        self.schedule()
