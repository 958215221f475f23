"""Virtual devices under pyusb: a backend of its own (``usb.backend.IBackend``; card-hardware.md H.4).

::

    backend = virtual_backend(VirtualCcid(card))
    link = countertop_drivers.ccid.driver.open_url("usb", backend=backend)
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from countertop_drivers.usb.failures import usb_core
from countertop_drivers.virtual.usb_device import Setup, UsbGone, UsbStall, VirtualUsbDevice
from countertop_drivers.virtual.usb_shape import CONFIGURATION, DEVICE, ENDPOINT, INTERFACE

# libusb's own codes, then errno.
TIMED_OUT, STALLED, GONE, OVERFLOWED, BUSY = (-7, 110), (-9, 32), (-4, 19), (-8, 75), (-6, 16)


def virtual_backend(*devices: VirtualUsbDevice) -> Any:
    """A pyusb backend on which just these devices are plugged in.  Raises DriverUnavailable without pyusb."""
    usb_core()
    from usb.backend import IBackend

    class Backend(VirtualBackend, IBackend):  # type: ignore[misc]  # pyusb has no types
        """Ours, under pyusb's own base class."""

    return Backend(devices)


class _Fields:
    """What pyusb copies attributes from."""

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)


class _Handle:
    def __init__(self, device: VirtualUsbDevice) -> None:
        self.device = device
        self.claimed: set[int] = set()
        self.ready = threading.Condition()
        device.listen(self._wake)

    def _wake(self) -> None:
        with self.ready:
            self.ready.notify_all()

    def close(self) -> None:
        self.device.unlisten(self._wake)


class VirtualBackend:
    """The methods of ``IBackend``; named and typed as pyusb calls them."""

    def __init__(self, devices: Sequence[VirtualUsbDevice]) -> None:
        self.devices = list(devices)
        self._open: list[_Handle] = []

    def enumerate_devices(self) -> Iterator[VirtualUsbDevice]:
        return iter([one for one in self.devices if one.plugged])

    def get_parent(self, dev: VirtualUsbDevice) -> None:
        return None

    def get_device_descriptor(self, dev: VirtualUsbDevice) -> _Fields:
        shape = dev.shape
        strings = [index if text else 0 for index, text in enumerate(shape.strings, 1)]
        place = self.devices.index(dev) + 1
        return _Fields(
            bLength=18,
            bDescriptorType=DEVICE,
            bcdUSB=0x0200,
            bDeviceClass=0,
            bDeviceSubClass=0,
            bDeviceProtocol=0,
            bMaxPacketSize0=64,
            idVendor=shape.vendor,
            idProduct=shape.product,
            bcdDevice=shape.release,
            iManufacturer=strings[0],
            iProduct=strings[1],
            iSerialNumber=strings[2],
            bNumConfigurations=1,
            bus=1,
            address=place,
            port_number=place,
            port_numbers=(place,),
            speed=shape.speed,
        )

    def get_configuration_descriptor(self, dev: VirtualUsbDevice, config: int) -> _Fields:
        if config:
            raise IndexError(config)
        return _Fields(
            bLength=9,
            bDescriptorType=CONFIGURATION,
            wTotalLength=len(dev.shape.configuration),
            bNumInterfaces=len(dev.shape.interfaces),
            bConfigurationValue=1,
            iConfiguration=0,
            bmAttributes=0x80,
            bMaxPower=50,
            extra_descriptors=[],
        )

    def get_interface_descriptor(self, dev: VirtualUsbDevice, intf: int, alt: int, config: int) -> _Fields:
        if alt or config:
            raise IndexError(alt)
        shape = dev.shape.interfaces[intf]
        return _Fields(
            bLength=9,
            bDescriptorType=INTERFACE,
            bInterfaceNumber=shape.number,
            bAlternateSetting=0,
            bNumEndpoints=len(shape.endpoints),
            bInterfaceClass=shape.codes[0],
            bInterfaceSubClass=shape.codes[1],
            bInterfaceProtocol=shape.codes[2],
            iInterface=0,
            extra_descriptors=list(shape.extra),
        )

    def get_endpoint_descriptor(self, dev: VirtualUsbDevice, ep: int, intf: int, alt: int, config: int) -> _Fields:
        shape = dev.shape.interfaces[intf].endpoints[ep]
        return _Fields(
            bLength=7,
            bDescriptorType=ENDPOINT,
            bEndpointAddress=shape.address,
            bmAttributes=shape.kind,
            wMaxPacketSize=shape.packet,
            bInterval=shape.interval,
            bRefresh=0,
            bSynchAddress=0,
            extra_descriptors=list(shape.extra),
        )

    def open_device(self, dev: VirtualUsbDevice) -> _Handle:
        if not dev.plugged:
            raise _error("gone", GONE)
        handle = _Handle(dev)
        self._open.append(handle)
        return handle

    def close_device(self, handle: _Handle) -> None:
        handle.close()
        if handle in self._open:
            self._open.remove(handle)

    def set_configuration(self, handle: _Handle, value: int) -> None:
        self._try(lambda: handle.device.control(Setup(0, 9, value, 0, 0)))

    def get_configuration(self, handle: _Handle) -> int:
        # A kernel configures what is plugged in before anybody opens it.
        return handle.device.configuration or 1

    def set_interface_altsetting(self, handle: _Handle, intf: int, alt: int) -> None:
        self._try(lambda: handle.device.control(Setup(1, 11, alt, intf, 0)))

    def claim_interface(self, handle: _Handle, intf: int) -> None:
        if any(other.device is handle.device and intf in other.claimed for other in self._open if other is not handle):
            raise _error("resource busy", BUSY)
        handle.claimed.add(intf)

    def release_interface(self, handle: _Handle, intf: int) -> None:
        handle.claimed.discard(intf)

    def ctrl_transfer(
        self,
        handle: _Handle,
        request_type: int,
        request: int,
        value: int,
        index: int,
        data: Any,
        timeout: int,
    ) -> int:
        setup = Setup(request_type, request, value, index, len(data))
        inward = bool(request_type & 0x80)
        answer = self._try(lambda: handle.device.control(setup, b"" if inward else bytes(data)))
        if not inward:
            return len(data)
        data[: len(answer)] = _array(answer)
        return len(answer)

    def bulk_write(self, handle: _Handle, ep: int, intf: int, data: Any, timeout: int) -> int:
        self._try(lambda: handle.device.send(ep, bytes(data)))
        return len(data)

    def bulk_read(self, handle: _Handle, ep: int, intf: int, buff: Any, timeout: int) -> int:
        data = self._wait(handle, ep, len(buff), timeout)
        buff[: len(data)] = _array(data)
        return len(data)

    intr_write = bulk_write
    intr_read = bulk_read

    def clear_halt(self, handle: _Handle, ep: int) -> None:
        handle.device.clear_halt(ep)

    def reset_device(self, handle: _Handle) -> None:
        if not handle.device.plugged:
            raise _error("gone", GONE)
        handle.device.reset()

    def is_kernel_driver_active(self, handle: _Handle, intf: int) -> bool:
        return False

    def detach_kernel_driver(self, handle: _Handle, intf: int) -> None:
        """No kernel has it."""

    def attach_kernel_driver(self, handle: _Handle, intf: int) -> None:
        """No kernel wants it."""

    def _wait(self, handle: _Handle, endpoint: int, size: int, timeout: int) -> bytes:
        end = time.monotonic() + timeout / 1000
        with handle.ready:
            while True:
                data: bytes | None = self._try(lambda: handle.device.take(endpoint, size))
                if data is not None:
                    return data
                left = end - time.monotonic()
                if left <= 0:
                    raise _error("timed out", TIMED_OUT)
                handle.ready.wait(left)

    def _try(self, do: Callable[[], Any]) -> Any:
        try:
            return do()
        except UsbStall:
            raise _error("pipe error", STALLED) from None
        except UsbGone:
            raise _error("no such device", GONE) from None


def _array(data: bytes) -> Any:
    from array import array

    return array("B", data)


def _error(text: str, codes: tuple[int, int]) -> Exception:
    core = usb_core()
    kind = core.USBTimeoutError if codes is TIMED_OUT else core.USBError
    error: Exception = kind(text, *codes)
    return error
