"""When each device last gave a sign of life.

A device that is powered and connected beats every so many milliseconds.  The beats are computed, not
scheduled: ten thousand readers that beat for a month cost nothing until someone asks.
"""

from __future__ import annotations


class Presence:
    """The last sign of life of each device, in memory only."""

    def __init__(self) -> None:
        self._since: dict[str, tuple[int, int]] = {}
        self._silent: dict[str, int | None] = {}

    def start(self, serial: str, at_ms: int, every_ms: int) -> None:
        """The device begins to beat, first at ``at_ms``."""
        self._silent.pop(serial, None)
        self._since[serial] = (at_ms, every_ms)

    def stop(self, serial: str, last_seen_ms: int | None) -> None:
        """The device fell silent."""
        self._since.pop(serial, None)
        self._silent[serial] = last_seen_ms

    def forget(self, serial: str) -> None:
        """The device is gone."""
        self._since.pop(serial, None)
        self._silent.pop(serial, None)

    def clear(self) -> None:
        """Forget every device."""
        self._since.clear()
        self._silent.clear()

    def last_seen_ms(self, serial: str, now_ms: int) -> int | None:
        """The last beat at ``now_ms`` (Unix milliseconds); None for a device that never beat."""
        beating = self._since.get(serial)
        if beating is None:
            return self._silent.get(serial)
        since_ms, every_ms = beating
        return since_ms + max(0, now_ms - since_ms) // every_ms * every_ms
