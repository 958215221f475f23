"""Wakes the world when its next timer is due, while its clock runs with the wall."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from countertop.clock import Clock
from countertop.timers import Timers

log = logging.getLogger("countertop.server")

LONGEST_S = 3_600.0
AFTER_TROUBLE_S = 1.0


class Alarm:
    """One ``call_later`` for the earliest timer.  ``ring`` fires what is due."""

    def __init__(self, clock: Clock, timers: Timers, loop: asyncio.AbstractEventLoop, ring: Callable[[], None]) -> None:
        self._clock = clock
        self._timers = timers
        self._loop = loop
        self._ring = ring
        self._due: int | None = None
        self._handle: asyncio.TimerHandle | None = None
        self._not_before = 0.0

    def check(self) -> None:
        """Cheap: wind again only if another timer is the earliest now."""
        if self._timers.next_due_ms() != self._due:
            self.wind()

    def wind(self) -> None:
        """Set the alarm for the earliest timer, at the clock's present speed."""
        self.stop()
        self._due = due = self._timers.next_due_ms()
        if due is None or self._clock.speed == 0:
            return
        delay = max(0.0, (due - self._clock.now_ms()) / 1000 / self._clock.speed)
        delay = max(min(delay, LONGEST_S), self._not_before - self._loop.time())
        self._handle = self._loop.call_later(delay, self._rings)

    def back_off(self) -> None:
        """After a failed commit: let no timer fire for a moment, so that a full disk is not hammered."""
        self._not_before = self._loop.time() + AFTER_TROUBLE_S
        self.wind()

    def stop(self) -> None:
        """Forget the alarm."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        self._due = None

    def _rings(self) -> None:
        self._handle = None
        try:
            self._ring()
        except Exception:
            log.exception("a timer failed")
            self._not_before = self._loop.time() + AFTER_TROUBLE_S
        self.wind()
