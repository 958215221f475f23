"""What pyusb raises, as the drivers' own errors."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from countertop_drivers.errors import (
    DeviceGone,
    DeviceRefused,
    DeviceTimeout,
    DriverError,
    DriverUnavailable,
    ProtocolError,
)

EXTRA_HINT = "Install it: pip install 'countertop[usb]', or pip install pyusb."
STALL = "STALL"
#: udev's line that lets whoever sits at the machine use smart-card readers.
UDEV_HINT = "Let your user open it with a udev rule (docs/hardware.md), or run as root once to see whether it is that."
BUSY_HINT = "Another program holds it, usually pcscd: stop it (systemctl stop pcscd.socket pcscd), or use pcsc:NAME."


def usb_core() -> Any:
    """The module usb.core.  Raises DriverUnavailable when pyusb is not installed."""
    try:
        import usb.core
    except ImportError as error:
        raise DriverUnavailable("USB devices need pyusb, which is not installed.", EXTRA_HINT) from error
    return usb.core


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Turn pyusb's errors into ours; ``doing`` begins the message."""
    core = usb_core()
    try:
        yield
    except core.NoBackendError as error:
        raise DriverUnavailable(
            f"{doing}: libusb was not found.", "Install libusb-1.0 (Debian: apt install libusb-1.0-0)."
        ) from error
    except core.USBTimeoutError as error:
        raise DeviceTimeout(f"{doing}: the device did not answer in time.") from error
    except core.USBError as error:
        raise _meaning(doing, error.errno, str(error)) from error


def _meaning(doing: str, number: int | None, text: str) -> DriverError:
    if number in (errno.ENODEV, errno.ESHUTDOWN, errno.ECONNRESET, errno.ENXIO):
        return DeviceGone(f"{doing}: the device is gone.")
    if number == errno.ETIMEDOUT:
        return DeviceTimeout(f"{doing}: the device did not answer in time.")
    if number == errno.EPIPE:
        return DeviceRefused(f"{doing}: the device stalled the transfer.", code=errno.EPIPE, name=STALL)
    if number in (errno.EACCES, errno.EPERM):
        return DriverUnavailable(f"{doing}: permission denied.", UDEV_HINT)
    if number == errno.EBUSY:
        return DriverUnavailable(f"{doing}: the device is in use.", BUSY_HINT)
    if number in (errno.EOVERFLOW, errno.EPROTO, errno.EILSEQ):
        return ProtocolError(f"{doing}: the device sent what was not asked for ({text}).")
    return DriverError(f"{doing}: {text}.")
