"""A USB device that is a Python object: endpoint zero, queues to the host, and being unplugged.

:mod:`.usb_backend` puts it under pyusb, :mod:`.usbip` on the network.  A device subclasses
:class:`VirtualUsbDevice`, answers in :meth:`~VirtualUsbDevice.received`, and queues with
:meth:`~VirtualUsbDevice.put`.
"""

from __future__ import annotations

import struct
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from countertop_drivers.virtual.usb_shape import CONFIGURATION, DEVICE, IN, STRING, DeviceShape

GET_STATUS, CLEAR_FEATURE, SET_FEATURE, SET_ADDRESS = 0, 1, 3, 5
GET_DESCRIPTOR, GET_CONFIGURATION, SET_CONFIGURATION, GET_INTERFACE, SET_INTERFACE = 6, 8, 9, 10, 11
STANDARD = 0x00
# A host that never reads shall not fill the memory.
LONGEST_QUEUE = 256


class UsbStall(Exception):
    """The endpoint is halted: the device does not understand."""


class UsbGone(Exception):
    """The device is not plugged in."""


@dataclass(frozen=True, slots=True)
class Setup:
    """The eight bytes that begin a control transfer (USB 2.0, 9.3)."""

    request_type: int
    request: int
    value: int
    index: int
    length: int

    @classmethod
    def parse(cls, data: bytes) -> Setup:
        """Eight bytes, little endian."""
        return cls(*struct.unpack("<BBHHH", data))


class VirtualUsbDevice:
    """Endpoint zero and the queues of the others; safe to use from several threads."""

    def __init__(self, shape: DeviceShape) -> None:
        self.shape = shape
        self.configuration = 0
        self._plugged = True
        self._lock = threading.RLock()
        self._queues: dict[int, deque[bytes]] = {}
        self._halted: set[int] = set()
        self._listeners: list[Callable[[], None]] = []

    # What a device does.

    def received(self, endpoint: int, data: bytes) -> None:
        """One transfer came from the host.  Raise UsbStall to halt the endpoint."""
        raise UsbStall

    def class_request(self, setup: Setup, data: bytes) -> bytes:
        """A control request that is not a standard one; returns what goes to the host.  Raise UsbStall otherwise."""
        raise UsbStall

    def standard_descriptor(self, kind: int, index: int) -> bytes | None:
        """A descriptor asked for by GET_DESCRIPTOR that is neither device, configuration nor string."""
        return None

    def was_reset(self) -> None:
        """The bus was reset: forget the session."""

    def put(self, endpoint: int, data: bytes) -> None:
        """Queue one transfer to the host.  The oldest goes when the host does not read."""
        with self._lock:
            queue = self._queues.setdefault(endpoint, deque(maxlen=LONGEST_QUEUE))
            queue.append(data)
        self._tell()

    # What a host does.

    @property
    def plugged(self) -> bool:
        """False once it was unplugged."""
        return self._plugged

    def unplug(self) -> None:
        """Pull it out; every transfer from now on is UsbGone."""
        with self._lock:
            self._plugged = False
            self._queues.clear()
        self._tell()

    def plug(self) -> None:
        """Put it in again, fresh."""
        with self._lock:
            self._plugged = True
        self.reset()

    def listen(self, listener: Callable[[], None]) -> None:
        """Call it whenever something was queued, or the device was unplugged."""
        self._listeners.append(listener)

    def unlisten(self, listener: Callable[[], None]) -> None:
        """No more."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    def send(self, endpoint: int, data: bytes) -> None:
        """One transfer to an OUT endpoint.  Raises UsbStall, UsbGone."""
        self._demand(endpoint)
        try:
            self.received(endpoint, data)
        except UsbStall:
            self._halted.add(endpoint)
            raise

    def take(self, endpoint: int, size: int) -> bytes | None:
        """What an IN endpoint has: at most ``size`` bytes of one transfer, or None for now."""
        self._demand(endpoint)
        with self._lock:
            queue = self._queues.get(endpoint)
            if not queue:
                return None
            data = queue.popleft()
            if len(data) > size:
                queue.appendleft(data[size:])
            return data[:size]

    def halt(self, endpoint: int) -> None:
        """Stall it until the host clears that."""
        self._halted.add(endpoint)
        self._tell()

    def clear_halt(self, endpoint: int) -> None:
        """CLEAR_FEATURE(ENDPOINT_HALT)."""
        self._halted.discard(endpoint)

    def reset(self) -> None:
        """Reset the bus: queues and halts are gone."""
        with self._lock:
            self._queues.clear()
            self._halted.clear()
            self.configuration = 0
        self.was_reset()

    def control(self, setup: Setup, data: bytes = b"") -> bytes:
        """A control transfer; the answer is cut to its wLength.  Raises UsbStall, UsbGone."""
        self._demand(0)
        if setup.request_type & 0x60 == STANDARD:
            return self._standard(setup)[: setup.length]
        return self.class_request(setup, data)[: setup.length]

    def _standard(self, setup: Setup) -> bytes:
        match setup.request:
            case 6:  # GET_DESCRIPTOR
                descriptor = self._descriptor(setup.value >> 8, setup.value & 0xFF)
                if descriptor is None:
                    raise UsbStall
                return descriptor
            case 9:  # SET_CONFIGURATION
                if setup.value > 1:
                    raise UsbStall
                self.configuration = setup.value
                return b""
            case 8:  # GET_CONFIGURATION
                return bytes((self.configuration,))
            case 0:  # GET_STATUS
                return bytes((setup.index in self._halted, 0))
            case 1:  # CLEAR_FEATURE
                self.clear_halt(setup.index & 0xFF)
                return b""
            case 3:  # SET_FEATURE
                if setup.index:
                    self.halt(setup.index & 0xFF)
                return b""
            case 10:  # GET_INTERFACE
                return b"\0"
            case 5 | 11 if setup.value < 128:  # SET_ADDRESS, SET_INTERFACE
                return b""
        raise UsbStall

    def _descriptor(self, kind: int, index: int) -> bytes | None:
        if kind == DEVICE:
            return self.shape.device
        if kind == CONFIGURATION:
            return self.shape.configuration if index == 0 else None
        if kind == STRING:
            return self.shape.string(index)
        return self.standard_descriptor(kind, index)

    def _demand(self, endpoint: int) -> None:
        if not self._plugged:
            raise UsbGone
        if endpoint in self._halted:
            raise UsbStall
        if endpoint and not any(endpoint == one.address for shape in self.shape.interfaces for one in shape.endpoints):
            raise UsbStall

    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            listener()


__all__ = ["IN", "Setup", "UsbGone", "UsbStall", "VirtualUsbDevice"]
