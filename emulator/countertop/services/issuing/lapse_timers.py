"""When an authorization lapses: after seven days, 31 for hotels, airlines and car rental (issuing.md §6.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countertop.services.issuing import categories

if TYPE_CHECKING:
    from countertop.api.scope import Document, Scope
    from countertop.services.issuing.room import Issuing

LAPSE = "issuing.authorization_lapse"
DAY_MS = 86_400_000
LIFE_DAYS, LONG_LIFE_DAYS = 7, 31


def start(room: Issuing, scope: Scope, authorization: Document) -> None:
    """Have an authorization lapse in time; one that was to lapse already begins anew."""
    category = authorization["merchant_data"]["category"]
    days = LONG_LIFE_DAYS if category in categories.LONG_LIVED else LIFE_DAYS
    due_ms = scope.clock.now_ms() + days * DAY_MS
    room.timers.set(scope.tx, scope.account.id, LAPSE, authorization["id"], due_ms)


def clear(room: Issuing, scope: Scope, authorization: Document) -> None:
    """Have an authorization that is over lapse no more."""
    room.timers.clear(scope.tx, scope.account.id, LAPSE, authorization["id"])
