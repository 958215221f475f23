"""Resources that every integration touches: accounts, customers, events, webhook endpoints, files."""

from __future__ import annotations

from countertop.services.core import account_objects, bank_sources, customers, events, files, webhook_endpoints
from countertop.services.rooms import Family, Rooms


def family(rooms: Rooms, find_method: customers.FindMethod) -> Family:
    """The operations of this family; ``find_method`` finds payment methods for customers."""
    return Family(
        {
            **account_objects.operations(rooms.accounts, rooms.catalog),
            **bank_sources.operations(rooms.catalog),
            **customers.operations(find_method),
            **events.operations(rooms.catalog),
            **files.operations(),
            **webhook_endpoints.operations(),
        }
    )
