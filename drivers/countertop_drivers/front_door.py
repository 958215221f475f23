"""What the emulator's command line finds here by entry point, without importing this package by name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from countertop_drivers import command_line
from countertop_drivers.careful import PERMISSIONS, CarefulLink
from countertop_drivers.doctor import examine
from countertop_drivers.errors import CardAbsent, DeviceGone, DriverError
from countertop_drivers.link import CardLink
from countertop_drivers.registry import list_devices, open, schemes
from countertop_drivers.virtual.export import exported


def careful(link: CardLink, allow: Iterable[str] = ()) -> CarefulLink:
    """The same card slot, which holds back what may harm a card."""
    return CarefulLink(link, allow)


def is_slot(link: Any) -> bool:
    """Whether a link is a card slot; else it reads stripes."""
    return isinstance(link, CardLink)


__all__ = [
    "PERMISSIONS",
    "CardAbsent",
    "CardLink",
    "DeviceGone",
    "DriverError",
    "careful",
    "command_line",
    "examine",
    "exported",
    "is_slot",
    "list_devices",
    "open",
    "schemes",
]
