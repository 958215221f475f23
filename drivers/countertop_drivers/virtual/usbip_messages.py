"""Messages of USB/IP 1.1.1 (Linux kernel documentation, usbip_protocol; card-hardware.md H.2): all big endian."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from countertop_drivers.virtual.usb_device import VirtualUsbDevice

VERSION, PORT = 0x0111, 3240
REQ_DEVLIST, REP_DEVLIST, REQ_IMPORT, REP_IMPORT = 0x8005, 0x0005, 0x8003, 0x0003
SUBMIT, UNLINK, RET_SUBMIT, RET_UNLINK = 1, 2, 3, 4
NO_SUCH_DEVICE, BUSY = 4, 2
OUT, IN = 0, 1
STALLED, DISCONNECTED, CANCELLED, NOT_POSSIBLE = -32, -108, -104, -22
HEADER = 48
LARGEST_TRANSFER = 1 << 20
_OP = struct.Struct(">HHI")
_DEVICE = struct.Struct(">256s32sIIIHHHBBBBBB")
_SUBMIT = struct.Struct(">IIIIIIIIII8s")
_RET = struct.Struct(">IIIIIiiiIi8x")
_RET_UNLINK = struct.Struct(">IIIIIi24x")


@dataclass(frozen=True, slots=True)
class Urb:
    """CMD_SUBMIT or CMD_UNLINK.  ``length`` of the buffer; for CMD_UNLINK the number of the URB to cancel."""

    command: int
    number: int
    device: int
    direction: int
    endpoint: int
    length: int
    packets: int
    setup: bytes

    @classmethod
    def parse(cls, header: bytes) -> Urb:
        """The 48 bytes."""
        command, number, device, direction, endpoint, word, length, _, packets, _, setup = _SUBMIT.unpack(header)
        if command == UNLINK:
            return cls(command, number, device, direction, endpoint, word, 0, b"")
        return cls(command, number, device, direction, endpoint, length, packets, setup)

    @property
    def address(self) -> int:
        """The endpoint's address, with bit 80 for IN."""
        return self.endpoint | (0x80 if self.direction == IN and self.endpoint else 0)

    def done(self, status: int, length: int, data: bytes = b"") -> bytes:
        """RET_SUBMIT.  ``data`` goes with an answer to IN only: behind OUT it would break the stream."""
        return _RET.pack(RET_SUBMIT, self.number, 0, 0, 0, status, length, 0, 0, 0) + data

    def unlinked(self, pending: bool) -> bytes:
        """RET_UNLINK: −104 when it was still pending, 0 when its answer had gone."""
        return _RET_UNLINK.pack(RET_UNLINK, self.number, 0, 0, 0, CANCELLED if pending else 0)


def described(device: VirtualUsbDevice, bus_id: str, number: int) -> bytes:
    """The 312 bytes of one device."""
    shape = device.shape
    path = f"/sys/devices/platform/countertop/usb1/{bus_id}".encode()
    return _DEVICE.pack(
        path,
        bus_id.encode(),
        1,
        number,
        shape.speed,
        shape.vendor,
        shape.product,
        shape.release,
        0,
        0,
        0,
        device.configuration or 1,
        1,
        len(shape.interfaces),
    )


def device_list(devices: dict[str, VirtualUsbDevice]) -> bytes:
    """OP_REP_DEVLIST, with the classes of every interface."""
    reply = _OP.pack(VERSION, REP_DEVLIST, 0) + len(devices).to_bytes(4, "big")
    for number, (bus_id, device) in enumerate(devices.items(), 1):
        reply += described(device, bus_id, number)
        reply += b"".join(bytes((*interface.codes, 0)) for interface in device.shape.interfaces)
    return reply


def imported(description: bytes) -> bytes:
    """OP_REP_IMPORT; no interfaces behind the 312 bytes."""
    return _OP.pack(VERSION, REP_IMPORT, 0) + description


def refused(status: int) -> bytes:
    """OP_REP_IMPORT without a device."""
    return _OP.pack(VERSION, REP_IMPORT, status)


def operation(header: bytes) -> tuple[int, int]:
    """Version and code of the eight bytes that begin a connection."""
    version, code, _ = _OP.unpack(header)
    return version, code
