"""Questions to somebody outside the world, that no API call waits for: asked once what led to them is durable.

``ask`` blocks and runs outside every lock; ``then`` goes on in a transaction of its own with what it returned.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from countertop.store import Transaction


@dataclass(frozen=True, slots=True)
class Errand:
    """One question.  ``ask`` never raises."""

    ask: Callable[[], Any]
    then: Callable[[Transaction, Any], None]

    def told(self, said: Any) -> Callable[[Transaction], None]:
        """The work that is left once the answer is there."""
        return lambda tx: self.then(tx, said)


class Errands:
    """The questions of one world that are ready to be asked, oldest first."""

    def __init__(self) -> None:
        self._ready: list[Errand] = []

    def add(self, tx: Transaction, ask: Callable[[], Any], then: Callable[[Transaction, Any], None]) -> None:
        """Ask once the transaction is durable; one that is rolled back asks nothing."""
        errand = Errand(ask, then)
        tx.after_commit(lambda: self._ready.append(errand))

    def take(self) -> list[Errand]:
        """All that are ready; they are the caller's now."""
        ready, self._ready = self._ready, []
        return ready
