"""Terminal: locations, configurations, readers, connection tokens, and the actions that readers carry out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countertop.services.rooms import Family, Rooms
from countertop.services.terminal import (
    actions,
    collected,
    configurations,
    connection_tokens,
    discovery,
    locations,
    onboarding_links,
    readers,
    test_helpers,
)
from countertop.services.terminal.commands import Commands
from countertop.services.terminal.platform_link import PlatformLink
from countertop.services.terminal.pos import PosDesk

if TYPE_CHECKING:
    from countertop.services.payments import Payments

__all__ = ["Commands", "PlatformLink", "PosDesk", "family"]


def family(rooms: Rooms, sales: Payments, commands: Commands) -> Family:
    """The operations of this family."""
    return Family(
        operations={
            **locations.operations(rooms.gateway),
            **configurations.operations(rooms.gateway),
            **onboarding_links.operations(rooms),
            **connection_tokens.operations(rooms.gateway),
            **readers.operations(rooms.gateway),
            **discovery.operations(rooms),
            **actions.operations(rooms, commands),
            **test_helpers.operations(rooms.gateway, commands),
        },
        timers={collected.WINDOW: collected.discarder()},
        finishers={"terminal.reader": discovery.finisher(rooms)},
    )
