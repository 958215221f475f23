"""Timers on the bench's clock: persistent ones that survive a restart, volatile ones that do not.

A persistent timer is a row ``{id, due_ms, kind, account, object_id}``; when it is due, the service that the bench
registered for its kind runs in one transaction, together with the removal of the row.  A volatile timer is a callback
(heart-beat, screen, battery of a device); it is gone after a restart.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import TYPE_CHECKING

import orjson

from countertop.clock import Clock

if TYPE_CHECKING:
    from countertop.store import Store, Transaction

KIND = "_timer"
Work = Callable[["Transaction", str, str], None]
"""What a persistent timer's kind does: (transaction, account id, object id)."""


class Timers:
    """One ordered queue for both kinds; ties fire in the order in which they were set."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heap: list[tuple[int, int, str]] = []
        self._sequence = 0
        self._volatile: dict[str, tuple[int, Callable[[], None]]] = {}
        self._work: dict[str, Work] = {}

    def on(self, kind: str, work: Work) -> None:
        """Register what a kind of persistent timer does; done once, by the bench."""
        self._work[kind] = work

    # --- persistent -------------------------------------------------------------------------------------------

    def set(self, tx: Transaction, account: str, kind: str, object_id: str, due_ms: int) -> None:
        """Set (or move) the timer of this kind for this object."""
        row_id = f"{kind}|{account}|{object_id}"
        row = {"id": row_id, "due_ms": due_ms, "kind": kind, "account": account, "object_id": object_id}
        tx.put("", KIND, row, created=self._clock.now())
        self._push(due_ms, "=" + row_id)

    def clear(self, tx: Transaction, account: str, kind: str, object_id: str) -> None:
        """Remove the timer, if it is set."""
        tx.delete("", KIND, f"{kind}|{account}|{object_id}")

    def is_set(self, tx: Transaction, account: str, kind: str, object_id: str) -> bool:
        """Whether the timer of this kind for this object is waiting."""
        return tx.raw("", KIND, f"{kind}|{account}|{object_id}") is not None

    def reload(self, tx: Transaction) -> None:
        """Queue the stored rows again after a restart or a restore; volatile timers are dropped."""
        self._heap.clear()
        self._volatile.clear()
        self.requeue(tx)

    def requeue(self, tx: Transaction) -> None:
        """Queue the stored rows again after a commit failed and put some of them back; volatile timers stay.

        An entry that is queued twice fires once: the second finds its row gone, or moved.
        """
        rows = sorted((orjson.loads(body) for _, body in tx.each("", KIND)), key=lambda row: int(row["due_ms"]))
        for row in rows:
            self._push(row["due_ms"], "=" + row["id"])

    # --- volatile ---------------------------------------------------------------------------------------------

    def volatile(self, due_ms: int, key: str, callback: Callable[[], None]) -> None:
        """Call back at ``due_ms``; replaces the volatile timer of the same key."""
        self._volatile[key] = (due_ms, callback)
        self._push(due_ms, "~" + key)

    def cancel(self, key: str) -> None:
        """Forget a volatile timer, if it is set."""
        self._volatile.pop(key, None)

    # --- firing -----------------------------------------------------------------------------------------------

    def next_due_ms(self) -> int | None:
        """The instant of the next entry, or None.  An entry that was moved or cleared may still be counted."""
        return self._heap[0][0] if self._heap else None

    def fire_due(self, store: Store) -> bool:
        """Fire the first entry that is due now, if there is one; True when an entry was taken off the queue."""
        if not self._heap or self._heap[0][0] > self._clock.now_ms():
            return False
        due_ms, _, name = heapq.heappop(self._heap)
        if name[0] == "~":
            waiting = self._volatile.get(name[1:])
            if waiting is not None and waiting[0] == due_ms:
                del self._volatile[name[1:]]
                waiting[1]()
            return True
        with store.transaction() as tx:
            row = tx.get("", KIND, name[1:])
            if row is not None and row["due_ms"] == due_ms:
                tx.delete("", KIND, row["id"])
                self._work[row["kind"]](tx, row["account"], row["object_id"])
        return True

    def _push(self, due_ms: int, name: str) -> None:
        self._sequence += 1
        heapq.heappush(self._heap, (due_ms, self._sequence, name))
