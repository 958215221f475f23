"""Issuing: cardholders, cards and their parcels, authorizations, transactions, disputes, and the Issuing balance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countertop.services.issuing.room import Issuing
from countertop.services.rooms import Family

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["Issuing", "family"]

# Modules with `operations(room)`, with `timers(room)`, and with `KIND` and `show`: one name a line.
OPERATING: tuple[ModuleType, ...] = ()
TIMED: tuple[ModuleType, ...] = ()
SHOWING: tuple[ModuleType, ...] = ()


def family(room: Issuing) -> Family:
    """The operations, timers and computed members of this family."""
    made = Family({})
    for module in OPERATING:
        made.operations = {**made.operations, **module.operations(room)}
    for module in TIMED:
        made.timers = {**made.timers, **module.timers(room)}
    for module in SHOWING:
        made.finishers = {**made.finishers, module.KIND: module.show}
    return made
