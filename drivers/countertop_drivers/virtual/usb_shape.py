"""What a USB device says it is (USB 2.0, 9.6): descriptors as values, and as bytes."""

from __future__ import annotations

import struct
from dataclasses import dataclass

DEVICE, CONFIGURATION, STRING, INTERFACE, ENDPOINT = 1, 2, 3, 4, 5
ENGLISH = 0x0409
BULK, INTERRUPT = 2, 3
IN = 0x80
FULL_SPEED, HIGH_SPEED = 2, 3


@dataclass(frozen=True, slots=True)
class EndpointShape:
    """``address`` with bit 80 for IN; ``kind`` BULK or INTERRUPT; ``interval`` in ms; ``extra`` stands behind it."""

    address: int
    kind: int
    packet: int = 64
    interval: int = 0
    extra: bytes = b""

    @property
    def encoded(self) -> bytes:
        """The descriptor and what is behind it."""
        return struct.pack("<BBBBHB", 7, ENDPOINT, self.address, self.kind, self.packet, self.interval) + self.extra


@dataclass(frozen=True, slots=True)
class InterfaceShape:
    """``codes``: class, subclass, protocol; ``extra``: class descriptors."""

    codes: tuple[int, int, int]
    endpoints: tuple[EndpointShape, ...]
    extra: bytes = b""
    number: int = 0

    @property
    def encoded(self) -> bytes:
        """The descriptor, its class descriptors, and its endpoints."""
        head = struct.pack("<BBBBBBBBB", 9, INTERFACE, self.number, 0, len(self.endpoints), *self.codes, 0)
        return head + self.extra + b"".join(one.encoded for one in self.endpoints)


@dataclass(frozen=True, slots=True)
class DeviceShape:
    """One device with one configuration.  Texts become string descriptors 1 to 3."""

    vendor: int
    product: int
    interfaces: tuple[InterfaceShape, ...]
    manufacturer: str = "Countertop"
    title: str = "Virtual device"
    serial: str = "1"
    release: int = 0x0100
    speed: int = FULL_SPEED

    @property
    def strings(self) -> tuple[str, str, str]:
        """By index less one."""
        return (self.manufacturer, self.title, self.serial)

    @property
    def device(self) -> bytes:
        """The device descriptor, 18 bytes."""
        texts = [index if text else 0 for index, text in enumerate(self.strings, 1)]
        return struct.pack(
            "<BBHBBBBHHHBBBB", 18, DEVICE, 0x0200, 0, 0, 0, 64, self.vendor, self.product, self.release, *texts, 1
        )

    @property
    def configuration(self) -> bytes:
        """The configuration descriptor with everything that belongs to it; bus powered, 100 mA."""
        body = b"".join(one.encoded for one in self.interfaces)
        return struct.pack("<BBHBBBBB", 9, CONFIGURATION, 9 + len(body), len(self.interfaces), 1, 0, 0x80, 50) + body

    def string(self, index: int) -> bytes | None:
        """A string descriptor; 0 lists the languages."""
        if index == 0:
            return struct.pack("<BBH", 4, STRING, ENGLISH)
        if not 1 <= index <= 3 or not self.strings[index - 1]:
            return None
        text = self.strings[index - 1].encode("utf-16-le")[:252]
        return bytes((2 + len(text), STRING)) + text
