"""Named faults of a device.  A new one is one more row of the table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from countertop.errors import ReaderError
from countertop.readers import power, sale
from countertop.readers.machine import reconnected
from countertop.readers.turn import Turn


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault: what it means, the API code that it makes the device refuse with, and how it comes and goes.

    The device's list of faults is already changed when ``begin`` and ``end`` run.
    """

    name: str
    says: str
    refusal: str
    begin: Callable[[Turn], None]
    end: Callable[[Turn], None]


def _unplugged(turn: Turn) -> None:
    # Asked and not answered: the sale is lost for the device, though it may be authorized all the same.
    if turn.state.phase == "authorizing" and turn.sale.asked:
        sale.fail(turn, "connection_error", sale.NO_CONNECTION)


def _plugged_in(turn: Turn) -> None:
    if turn.state.phase == "pairing":
        power.tell_code(turn)
    reconnected(turn)


def _breaks(turn: Turn) -> None:
    # The device dies in the middle: nobody is told, as with real ones (terminal.md 2.4).
    turn.change(phase="broken", due_ms=None, sale=None, card_in_slot=False, notice=None, message=None, code=None)


FAULTS: dict[str, Fault] = {
    fault.name: fault
    for fault in (
        Fault("offline", "the network is unplugged", "terminal_reader_offline", _unplugged, _plugged_in),
        Fault("hardware_fault", "tampered with or broken", "terminal_reader_hardware_fault", _breaks, power.boot),
    )
}


def set_fault(turn: Turn, name: str, *, on: bool) -> None:
    """Make a fault come or go; one that is already so stays so.

    Raises ReaderError for a name not in the table.
    """
    fault = FAULTS.get(name)
    if fault is None:
        raise ReaderError(f"There is no fault called {name!r}.", f"Faults: {', '.join(FAULTS)}")
    faults = turn.state.faults
    if on and name not in faults:
        turn.change(faults=(*faults, name))
        fault.begin(turn)
    elif not on and name in faults:
        turn.change(faults=tuple(other for other in faults if other != name))
        fault.end(turn)


def refusal_of(faults: tuple[str, ...]) -> str | None:
    """The API code of the first fault, in the order of the table; None without one."""
    return next((fault.refusal for name, fault in FAULTS.items() if name in faults), None)
