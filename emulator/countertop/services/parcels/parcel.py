"""How a parcel moves: the states of ``shipping`` and what each move writes into it (issuing.md §3.6)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from countertop.api.errors import invalid
from countertop.services.parcels import calendar, carriers

Shipping = dict[str, Any]
# Move → the states that it starts from, and the one that it leads to.
MOVES: Mapping[str, tuple[frozenset[str], str]] = MappingProxyType(
    {
        "submit": (frozenset(("pending",)), "submitted"),
        "ship": (frozenset(("pending", "submitted")), "shipped"),
        "deliver": (frozenset(("shipped",)), "delivered"),
        "return": (frozenset(("shipped",)), "returned"),
        "fail": (frozenset(("shipped",)), "failure"),
        "cancel": (frozenset(("pending", "submitted")), "canceled"),
    }
)
OPEN = MOVES["submit"][0]
"""States in which everything about a parcel can still be changed."""


def moved(shipping: Shipping, move: str, name: str, now: int) -> Shipping:
    """The parcel after a move; ``name`` is that of what is in it.  Raises ApiError 400 for a move that cannot be."""
    starts, end = MOVES[move]
    if shipping["status"] not in starts:
        raise invalid(f"You cannot {move} a card whose shipping status is {shipping['status']}.")
    after = shipping | {"status": end}
    if move == "ship":
        way = carriers.way_of(name, shipping["address"]["country"], shipping["service"])
        after |= {
            "carrier": way.carrier,
            "eta": calendar.after_working_days(now, way.days),
            "shipped_at": now,
            "tracking_number": way.number,
            "tracking_url": way.url,
        }
    elif move == "deliver":
        after["delivered_at"] = now
    return after
