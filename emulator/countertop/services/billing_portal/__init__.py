"""The customer portal: configurations, sessions, and the page that a session's URL shows."""

from __future__ import annotations

from countertop.services.billing_portal import configurations, sessions
from countertop.services.rooms import Family, Rooms


def family(rooms: Rooms) -> Family:
    """The operations of this family."""
    return Family({**configurations.operations(), **sessions.operations(rooms.public_url)})
