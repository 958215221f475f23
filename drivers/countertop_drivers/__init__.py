"""Links to cards, usable without the emulator: ``open("replay:visa.apdu")`` gives a card to talk to.

The emulator and the drivers do not import each other.  They meet in :class:`CardLink`.
"""

from countertop_drivers.errors import (
    BadAddress,
    CardAbsent,
    DriverError,
    DriverUnavailable,
    TraceError,
    UnknownDriver,
)
from countertop_drivers.link import CardLink
from countertop_drivers.registry import open, schemes

__all__ = [
    "BadAddress",
    "CardAbsent",
    "CardLink",
    "DriverError",
    "DriverUnavailable",
    "TraceError",
    "UnknownDriver",
    "open",
    "schemes",
]
