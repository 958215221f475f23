"""Parcels that move by themselves: into the batch of the day, out of the print shop, to the door."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from countertop.api.scope import Scope
from countertop.services.parcels import calendar, carriers

if TYPE_CHECKING:
    from countertop.timers import Timers

Move = Callable[[Scope, str, str], dict[str, Any] | None]
"""Makes a move (``submit``, ``ship``, ``deliver``) with a parcel of this name; returns its shipping, or None when it
is not there, or does not move any more."""
_NEXT = {"pending": "submit", "submitted": "ship", "shipped": "deliver"}


class Movement:
    """Moves the parcels of one kind.  ``timer``: the name of their timers."""

    def __init__(self, timers: Timers, timer: str, move: Move) -> None:
        self._timers = timers
        self._timer = timer
        self._move = move

    def begin(self, scope: Scope, name: str, shipping: dict[str, Any]) -> None:
        """Wait for the parcel's next move."""
        due = _due(shipping, scope.now)
        if due is not None:
            self._timers.set(scope.tx, scope.account.id, self._timer, name, due * 1000)

    def due(self, scope: Scope, name: str) -> None:
        """The timer's work."""
        for move in _NEXT.values():
            shipping = self._move(scope, name, move)
            if shipping is not None:
                self.begin(scope, name, shipping)
                return


def _due(shipping: dict[str, Any], now: int) -> int | None:
    match shipping["status"]:
        case "pending":
            return calendar.next_cut_off(now)
        case "submitted":
            return calendar.after_working_days(now, carriers.PRODUCTION_DAYS)
        case "shipped":
            eta: int = shipping["eta"]
            return eta
    return None
