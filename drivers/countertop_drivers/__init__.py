"""Links to cards, usable without the emulator: ``open("ccid:usb")`` gives a card to talk to.

The emulator and the drivers do not import each other.  They meet in :class:`Card`.
"""

from countertop_drivers.discovery import Found, Listing
from countertop_drivers.errors import (
    BadAddress,
    CardAbsent,
    CardMute,
    DeviceGone,
    DeviceRefused,
    DeviceTimeout,
    DriverError,
    DriverUnavailable,
    ProtocolError,
    TraceError,
    UnknownDriver,
)
from countertop_drivers.link import Card, CardLink, Link, Swipe, SwipeLink, TrackWriter
from countertop_drivers.registry import list_devices, open, open_card, open_swipe, schemes

__all__ = [
    "BadAddress",
    "Card",
    "CardAbsent",
    "CardLink",
    "CardMute",
    "DeviceGone",
    "DeviceRefused",
    "DeviceTimeout",
    "DriverError",
    "DriverUnavailable",
    "Found",
    "Link",
    "Listing",
    "ProtocolError",
    "Swipe",
    "SwipeLink",
    "TraceError",
    "TrackWriter",
    "UnknownDriver",
    "list_devices",
    "open",
    "open_card",
    "open_swipe",
    "schemes",
]
