"""Terminal: locations, configurations, readers, connection tokens, and the actions that readers carry out."""

from __future__ import annotations

from countertop.services.rooms import Family, Rooms
from countertop.services.terminal import (
    actions,
    configurations,
    connection_tokens,
    locations,
    onboarding_links,
    readers,
    test_helpers,
)
from countertop.services.terminal.platform_link import PlatformLink

__all__ = ["PlatformLink", "family"]


def family(rooms: Rooms) -> Family:
    """The operations of this family."""
    return Family(
        operations={
            **locations.operations(),
            **configurations.operations(),
            **onboarding_links.operations(rooms),
            **connection_tokens.operations(),
            **readers.operations(rooms.gateway),
            **actions.operations(rooms.gateway),
            **test_helpers.operations(rooms.gateway),
        },
        finishers={"terminal.reader": readers.finisher(rooms.gateway)},
    )
