"""The battery: its charge is computed from when the device was last plugged in or out, never ticked."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Literal

from countertop.errors import ReaderError
from countertop.readers import power
from countertop.readers.models import Sku
from countertop.readers.state import DeviceState
from countertop.readers.turn import Turn

HOUR_MS = 3_600_000
# From empty to full (assumed; nothing is published).
CHARGING_HOURS = 3.0
FULL = 100.0
# What a device with the fault battery_low says.
NEARLY_EMPTY = 4.0
CRITICAL_UP_TO = 5
LOW_UP_TO = 20

Status = Literal["critical", "low", "nominal"]


@dataclass(frozen=True, slots=True)
class Battery:
    """What a device says of its battery: whole percent, ``critical`` (≤ 5), ``low`` (≤ 20) or ``nominal``."""

    percent: int
    status: Status
    charging: bool


def battery(state: DeviceState, sku: Sku, now_ms: int) -> Battery | None:
    """How a device's battery is now; None for one that hangs on its cable."""
    level = charge(state, sku, now_ms)
    if level is None:
        return None
    # Rounded up: a device says 0 when it is off.
    percent = ceil(level)
    status: Status = "critical" if percent <= CRITICAL_UP_TO else "low" if percent <= LOW_UP_TO else "nominal"
    return Battery(percent, status, state.plugged)


def charge(state: DeviceState, sku: Sku, now_ms: int) -> float | None:
    """The charge in percent, as the device sees it; None without a battery."""
    if sku.model.battery is None:
        return None
    return NEARLY_EMPTY if "battery_low" in state.faults else _charge(state, sku.model.battery.hours, now_ms)


def empty_ms(state: DeviceState, sku: Sku) -> int | None:
    """When the battery is empty, if it goes on like this; None for a device that is plugged in or off."""
    if state.plugged or state.phase == "off" or sku.model.battery is None:
        return None
    # A millisecond later, lest rounding leaves a trace of charge.
    return state.charge_at_ms + int(state.charge / FULL * sku.model.battery.hours * HOUR_MS) + 1


def plug(turn: Turn) -> None:
    """Put the device into its dock, or its cable into the wall; one that was off boots.

    Raises ReaderError when it is plugged in already.
    """
    if turn.state.plugged:
        raise ReaderError("The reader is plugged in already.", "Use unplug() first.")
    _settle(turn, plugged=True)
    if turn.state.phase == "off":
        power.boot(turn)


def unplug(turn: Turn) -> None:
    """Take it out of the dock: its battery drains; without one it goes off.

    Raises ReaderError when it is unplugged already.
    """
    if not turn.state.plugged:
        raise ReaderError("The reader is unplugged already.", "Use plug() first.")
    _settle(turn, plugged=False)
    if turn.sku.model.battery is None:
        power.switch_off(turn)


def run_down(turn: Turn) -> None:
    """Go off if the battery is empty."""
    due_ms = empty_ms(turn.state, turn.sku)
    if due_ms is not None and due_ms <= turn.now_ms:
        power.switch_off(turn)


def _settle(turn: Turn, *, plugged: bool) -> None:
    model = turn.sku.model.battery
    level = 0.0 if model is None else _charge(turn.state, model.hours, turn.now_ms)
    turn.change(charge=level, charge_at_ms=turn.now_ms, plugged=plugged)


def _charge(state: DeviceState, hours: float, now_ms: int) -> float:
    passed = max(0, now_ms - state.charge_at_ms) / HOUR_MS
    if state.plugged:
        return min(FULL, state.charge + FULL * passed / CHARGING_HOURS)
    return max(0.0, state.charge - FULL * passed / hours)
