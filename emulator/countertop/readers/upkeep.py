"""What a device does for itself: its restart every day, and new software."""

from __future__ import annotations

import re
from math import ceil
from zlib import crc32

from countertop.errors import ReaderError
from countertop.gateway import SoftwareInstalled
from countertop.readers import battery, power
from countertop.readers.models import Sku
from countertop.readers.state import DeviceState
from countertop.readers.turn import Turn

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
HOURS = 24
MOST_OFFSET_MINUTES = 14 * 60
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,39}")
# Phases that a restart does not disturb; in the others it waits until the device rests.
_RESTING = ("idle", "pairing")
# Phases in which there is nothing to restart.
_DEAF = ("off", "booting", "updating", "broken")


def next_restart_ms(state: DeviceState, sku: Sku, now_ms: int) -> int | None:
    """When the device restarts next, after ``now_ms``; None for one that does not.

    Smart readers do so once a day in a minute of their window (terminal.md 2.2); it belongs to their location, so that
    an unregistered one does not.  Some mobile ones restart after so many hours of uptime.  Simulated ones never do.
    """
    if state.simulated or state.phase in _DEAF:
        return None
    hours = sku.model.power.restart_after_hours
    if hours is not None:
        period = hours * HOUR_MS
        return state.booted_ms + ((now_ms - state.booted_ms) // period + 1) * period
    if sku.model.kind != "smart" or state.reader is None:
        return None
    offset_ms = state.utc_offset_minutes * MINUTE_MS
    today = (now_ms + offset_ms) // DAY_MS
    # A window that began yesterday may reach into today.
    days = (_restart_of_day(state, day) - offset_ms for day in range(today - 1, today + 3))
    return next(due for due in days if due > now_ms)


def restart(turn: Turn) -> None:
    """Restart now, or as soon as nothing is going on."""
    if turn.state.phase in _DEAF:
        return
    if turn.state.phase in _RESTING:
        power.boot(turn)
    else:
        turn.change(restart_pending=True)


def set_window(turn: Turn, start_hour: int, end_hour: int, utc_offset_minutes: int) -> None:
    """The hours of the day between which the device restarts, on its location's clock; ``end_hour`` is the first after.

    Raises ReaderError for hours that a day does not have.
    """
    if not (0 <= start_hour < HOURS and 0 <= end_hour <= HOURS and abs(utc_offset_minutes) <= MOST_OFFSET_MINUTES):
        raise ReaderError(
            f"There is no window from {start_hour} to {end_hour} o'clock at UTC{utc_offset_minutes:+} minutes.",
            "Give hours from 0 to 23 (the end up to 24) and an offset of up to 14 hours.",
        )
    turn.change(reboot_from=start_hour, reboot_to=end_hour, utc_offset_minutes=utc_offset_minutes)


def install(turn: Turn, version: str) -> None:
    """Begin to install software.  Raises ReaderError unless the device is idle and charged (terminal.md 2.2)."""
    if _VERSION.fullmatch(version) is None:
        raise ReaderError(f"{version[:40]!r} is no version.", "Write one such as 2.43.0.0.")
    if turn.state.phase != "idle":
        raise ReaderError(f"The reader is {turn.state.phase}.", "It installs software only while it is idle.")
    if not turn.state.connected:
        raise ReaderError("The reader has no network.", "Clear the fault first.")
    level, model = battery.charge(turn.state, turn.sku, turn.now_ms), turn.sku.model.battery
    if level is not None and model is not None and level <= model.install_above_percent:
        raise ReaderError(
            f"The battery is at {ceil(level)} %.", f"It installs software only above {model.install_above_percent} %."
        )
    due_ms = turn.worked(turn.sku.model.timing_ms.update)
    turn.change(phase="updating", installing=version, due_ms=due_ms)


def installed(turn: Turn) -> None:
    """The new software is on it: restart with it."""
    turn.change(software=turn.state.installing)
    turn.send(SoftwareInstalled(turn.state.software))
    power.boot(turn)


def _restart_of_day(state: DeviceState, day: int) -> int:
    """The local instant of the restart of a day: as good as random, and the same however often it is asked for."""
    hours = (state.reboot_to - state.reboot_from) % HOURS or HOURS
    minute = crc32(f"{state.serial} {day}".encode()) % (hours * 60)
    return day * DAY_MS + state.reboot_from * HOUR_MS + minute * MINUTE_MS
