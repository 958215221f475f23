"""Finding USB devices: every interface that a driver can use, and the one that an address means."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from countertop_drivers.address import UsbAddress
from countertop_drivers.errors import DeviceGone, DriverError
from countertop_drivers.usb.failures import translated, usb_core
from countertop_drivers.usb.interface import UsbInterface


@dataclass(frozen=True, slots=True)
class Candidate:
    """An interface that is there.  Numbers as in its descriptors; ``device`` and ``descriptor`` are pyusb's."""

    device: Any
    descriptor: Any

    @property
    def place(self) -> str:
        """Where it is, as an address takes it: ``bus=1,addr=5``."""
        return f"bus={self.device.bus},addr={self.device.address}"

    @property
    def interface(self) -> int:
        """The number of the interface."""
        return int(self.descriptor.bInterfaceNumber)

    @property
    def ids(self) -> tuple[int, int]:
        """Vendor and product."""
        return self.device.idVendor, self.device.idProduct

    @property
    def title(self) -> str:
        """Manufacturer and product as the device names itself, its ids where it says nothing (or may not be asked)."""
        names: list[str] = []
        for index in (self.device.iManufacturer, self.device.iProduct):
            with contextlib.suppress(DriverError, ValueError, UnicodeDecodeError, IndexError), translated("name"):
                import usb.util

                names.append((usb.util.get_string(self.device, index) or "").strip("\0 "))
        vendor, product = self.ids
        return " ".join(filter(None, names)) or f"{vendor:04x}:{product:04x}"


def candidates(
    usable: Callable[[Any], bool], address: UsbAddress | None = None, backend: Any = None
) -> list[Candidate]:
    """Every interface of every device that ``usable`` (of a pyusb interface) accepts and the address allows.

    Raises DriverUnavailable without pyusb or libusb.
    """
    core = usb_core()
    found: list[Candidate] = []
    with translated("USB"):
        devices = list(core.find(find_all=True, backend=backend))
    for device in devices:
        if address is not None and not _meant(device, address):
            continue
        # A device whose descriptors cannot be read is none that can be used; the others still can.
        with contextlib.suppress(DriverError, NotImplementedError), translated("USB"):
            for configuration in device:
                for one in configuration:
                    wanted = address is None or address.interface in (None, one.bInterfaceNumber)
                    if wanted and one.bAlternateSetting == 0 and usable(one):
                        found.append(Candidate(device, one))
    return found


def open_interface(
    usable: Callable[[Any], bool], address: UsbAddress, what: str, backend: Any = None
) -> tuple[UsbInterface, Candidate]:
    """Claim the first interface that the address means.  Raises DeviceGone when nothing such is plugged in."""
    closing = None
    if address.remote is not None and backend is None:
        from countertop_drivers.usb.over_ip import over_ip

        with translated(str(address)):
            backend = over_ip(address.remote)
        closing = backend.close
    try:
        found = candidates(usable, address, backend)
        if not found:
            raise DeviceGone(f"No {what} at {address}.", "Plug one in; list_devices() shows what is there.")
        first = found[0]
        vendor, product = first.ids
        interface = UsbInterface(first.device, first.interface, f"{what} {vendor:04x}:{product:04x}", closing)
    except BaseException:
        if closing is not None:
            closing()
        raise
    return interface, first


def _meant(device: Any, address: UsbAddress) -> bool:
    return (
        address.vendor in (None, device.idVendor)
        and address.product in (None, device.idProduct)
        and address.bus in (None, device.bus)
        and address.addr in (None, device.address)
    )
