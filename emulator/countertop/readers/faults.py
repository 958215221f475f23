"""Named faults of a device.  A new one is one more row of the table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from countertop.errors import ReaderError
from countertop.readers import authorization, power
from countertop.readers.machine import reconnected
from countertop.readers.turn import Turn


def _nothing(turn: Turn) -> None:
    """Faults that are only looked at when something else happens."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault: what it means, the API code that it makes the device refuse with, and how it comes and goes.

    The device's list of faults is already changed when ``begin`` and ``end`` run.  A fault that strikes ``once`` is
    gone when it has.
    """

    name: str
    says: str
    refusal: str | None = None
    begin: Callable[[Turn], None] = _nothing
    end: Callable[[Turn], None] = _nothing
    once: bool = False


def _plugged_in(turn: Turn) -> None:
    if turn.state.phase == "pairing":
        power.tell_code(turn)
    reconnected(turn)


def _network_lost(turn: Turn) -> None:
    if turn.state.phase == "authorizing" and turn.sale.asked:
        authorization.cut_off(turn)


def _network_found(turn: Turn) -> None:
    if turn.state.cut:
        authorization.unheard(turn)
        turn.change(cut=False)
        _plugged_in(turn)


def _breaks(turn: Turn) -> None:
    # The device dies in the middle: nobody is told, as with real ones (terminal.md 2.4).
    if turn.state.phase != "off":
        power.die(turn)


def _repaired(turn: Turn) -> None:
    if turn.state.phase == "broken" and not power.is_broken(turn.state):
        power.boot(turn)


FAULTS: dict[str, Fault] = {
    fault.name: fault
    for fault in (
        Fault(
            "offline",
            "the network is unplugged; what is running and asked is lost with connection_error once it is back",
            "terminal_reader_offline",
            authorization.unheard,
            _plugged_in,
        ),
        Fault(
            "hardware_fault",
            "it broke and says nothing more; repaired, it boots",
            "terminal_reader_hardware_fault",
            _breaks,
            _repaired,
        ),
        Fault(
            "tamper",
            "somebody opened it; like a hardware fault, and the screen says so",
            "terminal_reader_hardware_fault",
            _breaks,
            _repaired,
        ),
        Fault("timeout", "commands are lost on the way: not acknowledged, and not done", "terminal_reader_timeout"),
        Fault("busy", "somebody has opened its settings, so that it takes no new action", "terminal_reader_busy"),
        Fault("timeout_received", "commands arrive and are done, but the word that they did is lost"),
        Fault("slow", "everything that it does takes five times as long"),
        Fault(
            "network_lost",
            "the network drops right after the next authorization was asked for, or now if one is: the question got"
            " through, the answer never comes; once it is cleared the device reports connection_error",
            None,
            _network_lost,
            _network_found,
        ),
        Fault("card_pulled", "the next card in the slot is pulled out while it is read, and wanted again", once=True),
        Fault(
            "card_pulled_authorizing",
            "the next card in the slot is pulled out right after the authorization was asked for: card_removed",
            once=True,
        ),
        Fault("battery_low", "the battery is at 4 %: critical, no software is installed, sales go on"),
    )
}


def find(name: str, turn: Turn) -> Fault:
    """A fault by its name.  Raises ReaderError for one that does not exist, or not for this device."""
    fault = FAULTS.get(name)
    if fault is None:
        raise ReaderError(f"There is no fault called {name[:60]!r}.", f"Faults: {', '.join(FAULTS)}")
    if name == "battery_low" and turn.sku.model.battery is None:
        raise ReaderError(f"The {turn.sku.model.title} has no battery.", "Use unplug() to take its power away.")
    return fault


def set_fault(turn: Turn, name: str, *, on: bool) -> None:
    """Make a fault come or go; one that is already so stays so.

    Raises ReaderError for a name not in the table.
    """
    fault = find(name, turn)
    faults = turn.state.faults
    if on and name not in faults:
        turn.change(faults=(*faults, name))
        fault.begin(turn)
    elif not on and name in faults:
        turn.change(faults=tuple(other for other in faults if other != name))
        fault.end(turn)


def refusal_of(faults: tuple[str, ...]) -> str | None:
    """The API code of the first fault, in the order of the table; None without one."""
    return next((fault.refusal for name, fault in FAULTS.items() if fault.refusal and name in faults), None)
