"""The bench's clock: the only source of time in an emulated world.

One class serves both kinds of time.  A *virtual* clock has speed 0: it stands still until it is advanced.  A *real*
clock runs with the wall at a speed factor (1.0 by default) and can be advanced too; it then runs on from there.
Times are Unix times: milliseconds where a name ends in ``_ms``, whole seconds otherwise.
"""

from __future__ import annotations

import time
from collections.abc import Callable

# 2026-01-01T00:00:00Z: where virtual worlds begin, so that a test prints the same ids and times on every run.
VIRTUAL_START_MS = 1_767_225_600_000


class Clock:
    """Unix time that can be frozen, advanced, or run faster than the wall."""

    def __init__(
        self,
        start_ms: int = VIRTUAL_START_MS,
        speed: float = 0.0,
        wall: Callable[[], float] = time.monotonic,
    ) -> None:
        if speed < 0:
            raise ValueError("a clock cannot run backwards: speed must be 0 or more")
        self._wall = wall
        self._base_ms = float(start_ms)
        self._anchor = wall()
        self._speed = speed

    @classmethod
    def real(cls, speed: float = 1.0) -> Clock:
        """A clock that starts at the present and runs with the wall, ``speed`` times as fast."""
        return cls(int(time.time() * 1000), speed)

    @property
    def speed(self) -> float:
        """Seconds of bench time per second of wall time; 0 when frozen or virtual."""
        return self._speed

    @property
    def is_virtual(self) -> bool:
        """True when time passes only by :meth:`advance`."""
        return self._speed == 0.0

    def now_ms(self) -> int:
        """Unix time in milliseconds."""
        return int(self._exact_ms())

    def now(self) -> int:
        """Unix time in whole seconds, as Stripe writes ``created``."""
        return self.now_ms() // 1000

    def advance(self, milliseconds: int) -> None:
        """Jump forward.  Raises ValueError for a negative step: time never goes back."""
        if milliseconds < 0:
            raise ValueError("time never goes back: advance by 0 or more milliseconds")
        self._rebase(self._exact_ms() + milliseconds)

    def advance_to(self, instant_ms: int) -> None:
        """Jump to an instant; one that has already passed leaves the clock as it is."""
        # A clock that were set to a whole millisecond by every glance at it would stand still under many glances.
        if instant_ms > self._exact_ms():
            self._rebase(instant_ms)

    def set_speed(self, speed: float) -> None:
        """Change the speed from this instant on; 0 freezes the clock."""
        if speed < 0:
            raise ValueError("a clock cannot run backwards: speed must be 0 or more")
        self._rebase(self._exact_ms())
        self._speed = speed

    def restore(self, instant_ms: int) -> None:
        """Set the clock as a snapshot had it; the one case in which it may go back."""
        self._rebase(instant_ms)

    def _exact_ms(self) -> float:
        if self._speed == 0.0:
            return self._base_ms
        return self._base_ms + (self._wall() - self._anchor) * 1000 * self._speed

    def _rebase(self, instant_ms: float) -> None:
        self._base_ms = float(instant_ms)
        self._anchor = self._wall()
