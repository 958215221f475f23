"""Group commit: all calls that are ready in one turn of the loop share one flush (docs/architecture.md, Durability).

Memory runs ahead of the disk; whoever was answered from it waits here until the flush that makes it true.  When the
flush fails the store has rolled memory back, and everyone of that group is told.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from countertop.errors import StoreUnavailable

if TYPE_CHECKING:
    from countertop.store import Store

log = logging.getLogger("countertop.server")

Outcome = StoreUnavailable | None
"""What became of a flush: None when everything is durable."""
Waiter = Callable[[Outcome], None]


class Group:
    """The waiters of the flush that comes next.  ``after`` runs once after each flush, when all were told."""

    def __init__(self, store: Store, loop: asyncio.AbstractEventLoop, after: Waiter) -> None:
        self._store = store
        self._loop = loop
        self._after = after
        self._waiters: list[Waiter] = []
        self._scheduled = False
        self._lost = store.lost

    def join(self, waiter: Waiter) -> None:
        """Be told what becomes of the next flush; the first who joins schedules it."""
        self._waiters.append(waiter)
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self.flush)

    async def settled(self) -> Outcome:
        """Wait for the next flush, if there is anything to flush."""
        if not self._store.dirty:
            return None
        told: asyncio.Future[Outcome] = self._loop.create_future()

        def tell(outcome: Outcome) -> None:
            if not told.done():
                told.set_result(outcome)

        self.join(tell)
        return await told

    def flush(self) -> None:
        """Make everything durable now, and tell all who wait."""
        waiters, self._waiters = self._waiters, []
        self._scheduled = False
        outcome: Outcome = None
        if self._store.lost != self._lost:
            # Another flush came first (a reset, a restore) and failed: what these waiters were answered from is gone.
            outcome = StoreUnavailable("The write could not be made durable.", "Nothing was changed; try again.")
        try:
            self._store.flush()
        except StoreUnavailable as error:
            outcome = error
        except Exception:
            log.exception("a commit failed")
            outcome = StoreUnavailable("Countertop met a defect of its own; the server's log has the details.")
        self._lost = self._store.lost
        for waiter in (*waiters, self._after):
            try:
                waiter(outcome)
            except Exception:  # one whose answer cannot be sent must not take the others' answers along
                log.exception("what follows a commit failed")
        if self._store.dirty and not self._scheduled:
            # Deliveries to in-memory inboxes write rows of their own.
            self._scheduled = True
            self._loop.call_soon(self.flush)
