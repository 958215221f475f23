"""Terminal: locations, configurations, readers, connection tokens, and the actions that readers carry out."""

from __future__ import annotations

from countertop.services.rooms import Family, Rooms
from countertop.services.terminal import (
    actions,
    configurations,
    connection_tokens,
    discovery,
    locations,
    onboarding_links,
    readers,
    test_helpers,
)
from countertop.services.terminal.platform_link import PlatformLink
from countertop.services.terminal.pos import PosDesk

__all__ = ["PlatformLink", "PosDesk", "family"]


def family(rooms: Rooms) -> Family:
    """The operations of this family."""
    return Family(
        operations={
            **locations.operations(),
            **configurations.operations(),
            **onboarding_links.operations(rooms),
            **connection_tokens.operations(rooms.gateway),
            **readers.operations(rooms.gateway),
            **discovery.operations(rooms),
            **actions.operations(rooms.gateway),
            **test_helpers.operations(rooms.gateway),
        },
        finishers={"terminal.reader": discovery.finisher(rooms)},
    )
