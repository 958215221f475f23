"""What each family of the API does: one package per family, one module per resource.  The rules live here.

:func:`build` joins them.  An operation that no service writes is answered by :mod:`countertop.services.generic`.
"""

from __future__ import annotations

from countertop.api.render import Finisher
from countertop.api.scope import Handler
from countertop.services import billing_portal, core, issuing, payments, terminal
from countertop.services.issuing.host import IssuedCardHost
from countertop.services.rooms import Rooms, Services, TimerWork

__all__ = ["Rooms", "Services", "TimerWork", "build"]


def build(rooms: Rooms) -> Services:
    """All services of one world."""
    sales = payments.Payments(rooms)
    wire = terminal.PlatformLink(rooms, sales, payments.Setups(sales))
    commands = terminal.Commands(rooms.gateway)
    desk = terminal.PosDesk(rooms, sales, commands)
    issuer = issuing.Issuing(rooms)
    families = (
        core.family(rooms, payments.method_finder(sales)),
        payments.family(sales),
        terminal.family(rooms, sales, commands),
        billing_portal.family(rooms),
        issuing.family(issuer),
    )
    operations: dict[str, Handler] = {}
    timers: dict[str, TimerWork] = desk.timers()
    finishers: dict[str, Finisher] = {}
    for family in families:
        operations |= family.operations
        timers |= family.timers
        finishers |= family.finishers
    return Services(operations, timers, finishers, wire, desk, issuer, (IssuedCardHost(issuer),))
