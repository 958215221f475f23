"""A real device that a command has opened, and errors of drivers as one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from countertop.errors import CountertopError

if TYPE_CHECKING:
    from countertop.attach.ports import Drivers

TAPPED = frozenset(("acr122", "pn532"))
"""Schemes of devices with a field and no slot."""


class DeviceTrouble(CountertopError):
    """A device cannot be opened or used."""


def usual_way(url: str) -> str:
    """``insert`` or ``tap``: how the cards of a device are usually read."""
    return "tap" if url.partition(":")[0] in TAPPED else "insert"


@contextmanager
def in_one_line(drivers: Drivers) -> Iterator[None]:
    """Turn what drivers raise into one line with a hint."""
    try:
        yield
    except drivers.DriverError as error:
        raise DeviceTrouble(str(getattr(error, "message", error)), str(getattr(error, "hint", ""))) from error


@contextmanager
def opened(url: str, record: str | None = None) -> Iterator[tuple[Any, Drivers]]:
    """Open a device for as long as the block lasts.  Raises DeviceTrouble for whatever goes wrong with it."""
    from countertop.attach.ports import find_drivers

    drivers = find_drivers()
    with in_one_line(drivers):
        link = drivers.open(url, record)
        try:
            yield link, drivers
        finally:
            link.close()
