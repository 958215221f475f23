"""What happens to a device by the clock while nobody touches it: planned faults, an empty battery, a restart.

The next instant is a function of the state, so that one timer per device does, and none for most.
"""

from __future__ import annotations

from countertop.readers import battery, plans, upkeep
from countertop.readers.models import Sku
from countertop.readers.state import DeviceState
from countertop.readers.turn import Turn


def next_ms(state: DeviceState, sku: Sku, now_ms: int) -> int | None:
    """When the next of them is due (it may be past); None when there is none."""
    candidates = (plans.next_ms(state), battery.empty_ms(state, sku), upkeep.next_restart_ms(state, sku, now_ms))
    return min((due_ms for due_ms in candidates if due_ms is not None), default=None)


def do(turn: Turn, due_ms: int) -> None:
    """Do what is due, at the instant for which the timer was set; it may fire late."""
    restarts = upkeep.next_restart_ms(turn.state, turn.sku, due_ms - 1) == due_ms
    plans.carry_out(turn)
    battery.run_down(turn)
    if restarts:
        upkeep.restart(turn)
