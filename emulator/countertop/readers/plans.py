"""Faults by the clock: "offline from 12:00 for 90 s"."""

from __future__ import annotations

from countertop.errors import ReaderError
from countertop.readers import faults
from countertop.readers.state import DeviceState
from countertop.readers.turn import Turn

MOST_ENTRIES = 200
LATEST_MS = 253_402_300_799_000
"""The last second of the year 9999."""


def add(turn: Turn, name: str, at_ms: int, for_ms: int | None) -> None:
    """A fault that comes at ``at_ms`` (Unix milliseconds) and goes ``for_ms`` later; None: it stays.

    Raises ReaderError for an unknown fault, an instant or a duration that is none, a time for which the fault is
    planned already, or more plans than anybody needs.
    """
    faults.find(name, turn)
    if for_ms is not None and for_ms <= 0:
        raise ReaderError(f"A fault cannot last {for_ms} ms.", "Give a positive duration, or none.")
    if not 0 <= at_ms <= LATEST_MS or (for_ms is not None and at_ms + for_ms > LATEST_MS):
        raise ReaderError(f"There is no such instant: {at_ms} ms.", "Give Unix milliseconds before the year 10000.")
    end_ms = LATEST_MS if for_ms is None else at_ms + for_ms
    for begins, ends in _intervals(turn.state, name):
        if at_ms < ends and begins < end_ms:
            raise ReaderError(f"The fault {name} is planned for that time already.", "Plan it for another time.")
    entries: list[list[object]] = [[at_ms, name, True]]
    if for_ms is not None:
        entries.append([at_ms + for_ms, name, False])
    plan = sorted((*turn.state.plan, *entries), key=lambda entry: entry[0])
    if len(plan) > MOST_ENTRIES:
        raise ReaderError("The reader has too many planned faults.", f"It keeps {MOST_ENTRIES // 2} of them.")
    turn.change(plan=tuple(plan))
    carry_out(turn)


def next_ms(state: DeviceState) -> int | None:
    """When the next planned fault comes or goes."""
    return int(state.plan[0][0]) if state.plan else None


def carry_out(turn: Turn) -> None:
    """Let the faults come and go whose time has come."""
    due = [entry for entry in turn.state.plan if entry[0] <= turn.now_ms]
    turn.change(plan=turn.state.plan[len(due) :])
    for _, name, on in due:
        faults.set_fault(turn, name, on=on)


def _intervals(state: DeviceState, name: str) -> list[tuple[int, int]]:
    """When a fault is planned: from, to.  One that has begun already began at 0."""
    entries = [(at_ms, on) for at_ms, other, on in state.plan if other == name]
    if entries and not entries[0][1]:
        entries.insert(0, (0, True))
    if entries and entries[-1][1]:
        entries.append((LATEST_MS, False))
    return [(begins, ends) for (begins, _), (ends, _) in zip(entries[::2], entries[1::2], strict=True)]
