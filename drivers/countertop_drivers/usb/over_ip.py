"""USB devices of another host, without a kernel between: a USB/IP client as a pyusb backend.

``ccid:usbip:127.0.0.1:3240`` opens what ``usbip attach`` would plug in, without root and on any system
(card-hardware.md H.2 for the protocol, H.4 for the backend).
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Iterator
from typing import Any

from countertop_drivers.address import RemoteUsb
from countertop_drivers.errors import DeviceGone, DriverError, ProtocolError
from countertop_drivers.usb.descriptors import Configuration, Fields, parse_configuration
from countertop_drivers.usb.failures import usb_core

VERSION, REQ_DEVLIST, REQ_IMPORT = 0x0111, 0x8005, 0x8003
SUBMIT, UNLINK, RET_SUBMIT, RET_UNLINK = 1, 2, 3, 4
HEADER = 48
MOST_DEVICES, LARGEST_TRANSFER = 256, 1 << 20
PATIENCE_S = 5.0
_OP, _DEVICE = struct.Struct(">HHI"), struct.Struct(">256s32sIIIHHHBBBBBB")
_SUBMIT, _UNLINK = struct.Struct(">IIIIIIIIII8s"), struct.Struct(">IIIIII24x")
_RET = struct.Struct(">IIIIIiiIIi8x")
# libusb's own codes, then errno.
TIMED_OUT, STALLED, GONE, OVERFLOWED = (-7, 110), (-9, 32), (-4, 19), (-8, 75)
_EPIPE = -32


def over_ip(remote: RemoteUsb) -> Any:
    """A pyusb backend on which just this device is plugged in; it is imported until :meth:`close`.

    Raises DriverUnavailable without pyusb, DeviceGone when there is no such server or device, ProtocolError when what
    answers is no USB/IP server.
    """
    usb_core()
    from usb.backend import IBackend

    class Backend(RemoteBackend, IBackend):  # type: ignore[misc]  # pyusb has no types
        """Ours, under pyusb's own base class."""

    return Backend(Connection(remote))


class Connection:
    """One imported device: requests with numbers, their answers, cancelled when they take too long."""

    def __init__(self, remote: RemoteUsb) -> None:
        self._name = str(remote)
        self._lock = threading.Lock()
        self._come = bytearray()
        self._number = 0
        bus_id = remote.bus_id or _first(remote)
        self._socket = _connect(remote)
        try:
            self._socket.sendall(_OP.pack(VERSION, REQ_IMPORT, 0) + bus_id.encode("ascii", "replace").ljust(32, b"\0"))
            version, _, status = _OP.unpack(self._exactly(_OP.size))
            if version != VERSION:
                raise ProtocolError(f"{self._name}: this is no USB/IP 1.1.1 server.")
            if status:
                raise DeviceGone(f"{self._name}: {bus_id} is not there, or another host has it.", "Look at its server.")
            fields = _DEVICE.unpack(self._exactly(_DEVICE.size))
        except BaseException as error:
            self._socket.close()
            if isinstance(error, OSError) and not isinstance(error, DriverError):
                raise ProtocolError(f"{self._name}: this is no USB/IP server ({error}).") from error
            raise
        self.bus, self.address, self.speed = fields[2:5]
        self._device = self.bus << 16 | self.address

    def control(self, setup: bytes, data: bytes, size: int, timeout_s: float) -> bytes:
        """A control transfer; ``size`` bytes at most come back where the setup packet says so."""
        inward = bool(setup[0] & 0x80)
        return self._transfer(0, inward, setup, data, size if inward else len(data), timeout_s)

    def write(self, endpoint: int, data: bytes, timeout_s: float) -> None:
        """A bulk or interrupt transfer out."""
        self._transfer(endpoint & 0x0F, False, bytes(8), data, len(data), timeout_s)

    def read(self, endpoint: int, size: int, timeout_s: float) -> bytes:
        """A bulk or interrupt transfer in, of ``size`` bytes at most."""
        return self._transfer(endpoint & 0x0F, True, bytes(8), b"", size, timeout_s)

    def close(self) -> None:
        """Hang up: the device is free again."""
        self._socket.close()

    def _transfer(self, endpoint: int, inward: bool, setup: bytes, data: bytes, size: int, timeout_s: float) -> bytes:
        with self._lock:
            self._number += 1
            number = self._number
            head = (SUBMIT, number, self._device, int(inward), endpoint, 0, size, 0, 0xFFFFFFFF, 0, setup)
            try:
                self._socket.sendall(_SUBMIT.pack(*head) + data)
                answer = self._answer(number, inward, time.monotonic() + timeout_s)
                if answer is None:
                    answer = self._cancel(number, inward)
            except (OSError, ProtocolError) as error:
                self._socket.close()
                raise _error(f"{self._name}: {error}", GONE) from error
        status, came = answer
        if status == _CANCELLED:
            raise _error("timed out", TIMED_OUT)
        if status == _EPIPE:
            raise _error("pipe error", STALLED)
        if status:
            raise _error(f"status {status}", GONE)
        if len(came) > size:
            raise _error("overflow", OVERFLOWED)
        return came

    def _cancel(self, number: int, inward: bool) -> tuple[int, bytes]:
        """Take a request back; its answer may have been on the way, and then it counts."""
        self._number += 1
        self._socket.sendall(_UNLINK.pack(UNLINK, self._number, self._device, 0, 0, number))
        end = time.monotonic() + PATIENCE_S
        answer = self._answer(number, inward, end, unlinked=self._number)
        if answer is None:
            raise ProtocolError("the server does not answer")
        return answer

    def _answer(self, number: int, inward: bool, end: float, unlinked: int = -1) -> tuple[int, bytes] | None:
        """The answer to a request, or to its cancellation; None when none came in time."""
        while True:
            head = self._message(HEADER, end)
            if head is None:
                return None
            command, which, _, _, _, status, length, *_ = _RET.unpack(head)
            if command == RET_UNLINK and which == unlinked:
                return _CANCELLED, b""
            if command == RET_SUBMIT and which == number:
                if not inward:
                    return status, b""
                if not 0 <= length <= LARGEST_TRANSFER:
                    raise ProtocolError(f"an answer of {length} bytes")
                return status, self._exactly(length)
            if command not in (RET_SUBMIT, RET_UNLINK) or which not in (number, unlinked):
                raise ProtocolError(f"an answer {command} to nothing that was asked")

    def _message(self, size: int, end: float) -> bytes | None:
        """So many bytes; None when not all of them came in time.  What came is kept."""
        while len(self._come) < size:
            left = end - time.monotonic()
            if left <= 0:
                return None
            self._socket.settimeout(left)
            try:
                piece = self._socket.recv(65536)
            except TimeoutError:
                return None
            if not piece:
                raise OSError("the server hung up")
            self._come += piece
        message = bytes(self._come[:size])
        del self._come[:size]
        return message

    def _exactly(self, size: int) -> bytes:
        message = self._message(size, time.monotonic() + PATIENCE_S)
        if message is None:
            raise ProtocolError(f"{self._name}: the server does not go on.", "Is it a USB/IP server?")
        return message


_CANCELLED = -104


class RemoteBackend:
    """The methods of ``IBackend``; named and typed as pyusb calls them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        try:
            self._device = self._descriptor(1, 0, 18)
            head = self._descriptor(2, 0, 9)
            total = int.from_bytes(head[2:4], "little")
            self._configuration: Configuration = parse_configuration(self._descriptor(2, 0, total))
        except BaseException:
            connection.close()
            raise

    def close(self) -> None:
        """Let the device go."""
        self._connection.close()

    def enumerate_devices(self) -> Iterator[Connection]:
        return iter([self._connection])

    def get_parent(self, dev: Connection) -> None:
        return None

    def get_device_descriptor(self, dev: Connection) -> Fields:
        names = "bLength bDescriptorType bcdUSB bDeviceClass bDeviceSubClass bDeviceProtocol bMaxPacketSize0 idVendor"
        names += " idProduct bcdDevice iManufacturer iProduct iSerialNumber bNumConfigurations"
        values = struct.unpack("<BBHBBBBHHHBBBB", self._device.ljust(18, b"\0"))
        place = {"bus": dev.bus, "address": dev.address, "port_number": dev.address, "port_numbers": (dev.address,)}
        return Fields(**dict(zip(names.split(), values, strict=True)), **place, speed=dev.speed)

    def get_configuration_descriptor(self, dev: Connection, config: int) -> Fields:
        if config:
            raise IndexError(config)
        return self._configuration.fields

    def get_interface_descriptor(self, dev: Connection, intf: int, alt: int, config: int) -> Fields:
        if alt or config:
            raise IndexError(alt)
        return self._configuration.interfaces[intf].fields

    def get_endpoint_descriptor(self, dev: Connection, ep: int, intf: int, alt: int, config: int) -> Fields:
        return self._configuration.interfaces[intf].endpoints[ep]

    def open_device(self, dev: Connection) -> Connection:
        return dev

    def close_device(self, handle: Connection) -> None:
        """The connection ends with the backend: pyusb closes and opens as it likes."""

    def set_configuration(self, handle: Connection, value: int) -> None:
        self._control(0x00, 9, value, 0)

    def get_configuration(self, handle: Connection) -> int:
        # Nobody configured it but us: a kernel that had it would not have exported it.
        current = handle.control(struct.pack("<BBHHH", 0x80, 8, 0, 0, 1), b"", 1, PATIENCE_S)
        value: int = self._configuration.fields.bConfigurationValue
        if current != bytes((value,)):
            self.set_configuration(handle, value)
        return value

    def set_interface_altsetting(self, handle: Connection, intf: int, alt: int) -> None:
        self._control(0x01, 11, alt, intf)

    def claim_interface(self, handle: Connection, intf: int) -> None:
        """It is ours as long as it is imported."""

    def release_interface(self, handle: Connection, intf: int) -> None:
        """The same."""

    def ctrl_transfer(
        self, handle: Connection, request_type: int, request: int, value: int, index: int, data: Any, timeout: int
    ) -> int:
        setup = struct.pack("<BBHHH", request_type, request, value, index, len(data))
        inward = bool(request_type & 0x80)
        came = handle.control(setup, b"" if inward else bytes(data), len(data), timeout / 1000)
        if inward:
            _fill(data, came)
        return len(came) if inward else len(data)

    def bulk_write(self, handle: Connection, ep: int, intf: int, data: Any, timeout: int) -> int:
        handle.write(ep, bytes(data), timeout / 1000)
        return len(data)

    def bulk_read(self, handle: Connection, ep: int, intf: int, buff: Any, timeout: int) -> int:
        came = handle.read(ep, len(buff), timeout / 1000)
        _fill(buff, came)
        return len(came)

    intr_write = bulk_write
    intr_read = bulk_read

    def clear_halt(self, handle: Connection, ep: int) -> None:
        self._control(0x02, 1, 0, ep)

    def reset_device(self, handle: Connection) -> None:
        # USB/IP carries no bus reset; choosing the configuration again forgets all that hangs on it.
        self.set_configuration(handle, self._configuration.fields.bConfigurationValue)

    def is_kernel_driver_active(self, handle: Connection, intf: int) -> bool:
        return False

    def detach_kernel_driver(self, handle: Connection, intf: int) -> None:
        """No kernel has it."""

    def attach_kernel_driver(self, handle: Connection, intf: int) -> None:
        """No kernel wants it."""

    def _control(self, request_type: int, request: int, value: int, index: int) -> None:
        self._connection.control(struct.pack("<BBHHH", request_type, request, value, index, 0), b"", 0, PATIENCE_S)

    def _descriptor(self, kind: int, index: int, size: int) -> bytes:
        setup = struct.pack("<BBHHH", 0x80, 6, kind << 8 | index, 0, size)
        return self._connection.control(setup, b"", size, PATIENCE_S)


def _first(remote: RemoteUsb) -> str:
    """The bus id of the first device that the server lends."""
    try:
        with contextlib.closing(_connect(remote)) as listing, listing.makefile("rb") as stream:
            listing.sendall(_OP.pack(VERSION, REQ_DEVLIST, 0))
            head = stream.read(_OP.size + 4)
            count = int.from_bytes(head[_OP.size :], "big")
            if len(head) < _OP.size + 4 or _OP.unpack(head[: _OP.size])[0] != VERSION or count > MOST_DEVICES:
                raise ProtocolError(f"{remote}: this is no USB/IP 1.1.1 server.")
            if not count:
                raise DeviceGone(f"{remote} lends no device.", "Export one there.")
            entry = stream.read(_DEVICE.size)
    except DriverError:
        raise
    except OSError as error:
        raise ProtocolError(f"{remote}: this is no USB/IP server ({error}).") from error
    if len(entry) < _DEVICE.size:
        raise ProtocolError(f"{remote}: its list of devices ends early.")
    bus_id: bytes = _DEVICE.unpack(entry)[1]
    return bus_id.rstrip(b"\0").decode("ascii", "replace")


def _connect(remote: RemoteUsb) -> socket.socket:
    try:
        connection = socket.create_connection((remote.host, remote.port), PATIENCE_S)
    except OSError as error:
        raise DeviceGone(f"No USB/IP server at {remote.host}:{remote.port}.", "Start one there.") from error
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _fill(buffer: Any, data: bytes) -> None:
    from array import array

    buffer[: len(data)] = array("B", data)


def _error(text: str, codes: tuple[int, int]) -> Exception:
    core = usb_core()
    kind = core.USBTimeoutError if codes is TIMED_OUT else core.USBError
    error: Exception = kind(text, *codes)
    return error
