"""What stands after the scheme of a URL: where a device is.

==========================  ==========================================================================
``usb``                     the first USB device that the driver can use
``usb:072f:2200``           the first one with this vendor and product (hexadecimal)
``usb:bus=1,addr=5``        the one at this place (decimal, as ``lsusb`` prints them)
``usb:072f:2200:slot=1``    also: which slot of it (from 0), ``interface=N``: which interface
``hid:0801:0002``           the same for a device of the HID class
``usbip:127.0.0.1:3240``    the first USB device that a USB/IP server lends; ``usbip:127.0.0.1:3240/1-1`` that one
``serial:/dev/ttyUSB0``     a serial port; ``?baud=115200`` after it
``serial:socket://…``       any URL that pyserial knows: ``socket://``, ``rfc2217://``, ``loop://``
``listen:35963``            a TCP port to listen at, on loopback; ``listen:127.0.0.1:35963`` says where
==========================  ==========================================================================

:meth:`Address.parse` reads the kinds a driver takes and refuses the rest with :class:`BadAddress`, which says
what would be right.  Parsing opens nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from countertop_drivers.errors import BadAddress

LOOPBACK = "127.0.0.1"
LOWEST_BAUD, HIGHEST_BAUD = 50, 4_000_000
_ID = re.compile(r"[0-9a-fA-F]{4}\Z")
USBIP_PORT = 3240
_USB_LIMITS = {"bus": 255, "addr": 127, "slot": 15, "interface": 31}
EXAMPLES = {
    "usb": "usb, usb:072f:2200 or usb:bus=1,addr=5",
    "hid": "hid, hid:0801:0002 or hid:bus=1,addr=5",
    "usbip": "usbip:127.0.0.1:3240 or usbip:127.0.0.1:3240/1-1",
    "serial": "serial:/dev/ttyUSB0?baud=115200 or serial:socket://127.0.0.1:7000",
    "listen": "listen:35963 or listen:127.0.0.1:35963",
}


class Address:
    """Where a device is.  One of :class:`UsbAddress`, :class:`SerialAddress`, :class:`ListenAddress`."""

    @staticmethod
    def parse(details: str, *kinds: str) -> UsbAddress | SerialAddress | ListenAddress:
        """Read the details of a URL; ``kinds`` are those that the driver takes, of usb, hid, serial, listen.

        Who takes ``usb`` or ``hid`` takes ``usbip`` too.
        Raises BadAddress when it is none of them, with what would be right as its hint.
        """
        kind, colon, rest = details.partition(":")
        if kind == "usbip" and not {"usb", "hid"}.isdisjoint(kinds):
            return UsbAddress(kind=kind, remote=_remote(rest, details))
        if kind not in kinds:
            raise BadAddress(f"{details[:80]!r} is no address of this driver.", _right(kinds))
        if kind in ("usb", "hid"):
            return _usb(kind, rest if colon else None, details)
        return _serial(rest, details) if kind == "serial" else _listen(rest, details)


@dataclass(frozen=True, slots=True)
class RemoteUsb:
    """A device that a USB/IP server lends; without ``bus_id`` its first one."""

    host: str
    port: int = USBIP_PORT
    bus_id: str = ""

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"usbip:{host}:{self.port}{f'/{self.bus_id}' if self.bus_id else ''}"


@dataclass(frozen=True, slots=True)
class UsbAddress(Address):
    """A USB device: by ids, by place, or the first of its class.  None: any."""

    vendor: int | None = None
    product: int | None = None
    bus: int | None = None
    addr: int | None = None
    slot: int = 0
    interface: int | None = None
    kind: str = "usb"
    remote: RemoteUsb | None = None

    def __str__(self) -> str:
        if self.remote is not None:
            return str(self.remote)
        ids = [] if self.vendor is None or self.product is None else [f"{self.vendor:04x}:{self.product:04x}"]
        wanted = {"bus": self.bus, "addr": self.addr, "interface": self.interface, "slot": self.slot or None}
        options = ",".join(f"{key}={value}" for key, value in wanted.items() if value is not None)
        return ":".join([self.kind, *ids, *([options] if options else [])])


@dataclass(frozen=True, slots=True)
class SerialAddress(Address):
    """A serial port, or a pyserial URL; ``baud`` is None when the driver shall choose."""

    port: str
    baud: int | None = None
    kind: ClassVar[str] = "serial"

    def __str__(self) -> str:
        option = "" if self.baud is None else f"{'&' if '?' in self.port else '?'}baud={self.baud}"
        return f"serial:{self.port}{option}"


@dataclass(frozen=True, slots=True)
class ListenAddress(Address):
    """A TCP port to listen at; port 0 is any that is free."""

    host: str
    port: int
    kind: ClassVar[str] = "listen"

    def __str__(self) -> str:
        return f"listen:{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


def _usb(kind: str, rest: str | None, details: str) -> UsbAddress:
    right = _right((kind,))
    parts = [] if rest is None else rest.split(":")
    vendor = product = None
    if len(parts) >= 2 and _ID.match(parts[0]) and _ID.match(parts[1]):
        vendor, product = int(parts[0], 16), int(parts[1], 16)
        parts = parts[2:]
    options: dict[str, int] = {}
    if parts:
        if len(parts) > 1 or not parts[0]:
            raise BadAddress(f"{details[:80]!r} is no USB address.", right)
        for item in parts[0].split(","):
            name, _, value = item.partition("=")
            if name not in _USB_LIMITS or name in options:
                known = ", ".join(_USB_LIMITS)
                raise BadAddress(f"{item[:40]!r} in {details[:80]!r} is none of: {known} (each once).", right)
            options[name] = _number(value, 0, _USB_LIMITS[name], name, details, right)
    return UsbAddress(
        vendor,
        product,
        options.get("bus"),
        options.get("addr"),
        options.get("slot", 0),
        options.get("interface"),
        kind,
    )


def _serial(rest: str, details: str) -> SerialAddress:
    right = _right(("serial",))
    port, _, query = rest.partition("?")
    if not port:
        raise BadAddress(f"{details[:80]!r} names no serial port.", right)
    baud: int | None = None
    others: list[str] = []
    for item in filter(None, query.split("&")):
        name, _, value = item.partition("=")
        if name == "baud" and baud is None:
            baud = _number(value, LOWEST_BAUD, HIGHEST_BAUD, name, details, right)
        elif "://" in port and name != "baud":
            others.append(item)  # pyserial's own, such as spy://…?file=
        else:
            raise BadAddress(f"{item[:40]!r} in {details[:80]!r} is no option of a serial port.", right)
    return SerialAddress(port + ("?" + "&".join(others) if others else ""), baud)


def _listen(rest: str, details: str) -> ListenAddress:
    right = _right(("listen",))
    host, colon, port = rest.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host or (colon and not host):
        raise BadAddress(f"{details[:80]!r} names no place to listen at.", right)
    return ListenAddress(host or LOOPBACK, _number(port, 0, 65535, "port", details, right))


def _remote(rest: str, details: str) -> RemoteUsb:
    place, slash, bus_id = rest.partition("/")
    host, colon, port = place.rpartition(":") if not place.endswith("]") else (place, "", "")
    if not colon:
        host, port = place, str(USBIP_PORT)
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        host = ""
    if not host or (slash and not 1 <= len(bus_id) <= 31):
        raise BadAddress(f"{details[:80]!r} names no USB/IP server.", _right(("usbip",)))
    return RemoteUsb(host, _number(port, 1, 65535, "port", details, _right(("usbip",))), bus_id)


def _number(text: str, low: int, high: int, name: str, details: str, right: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 8 and low <= int(text) <= high):
        raise BadAddress(f"{name} {text[:20]!r} in {details[:80]!r} is no number from {low} to {high}.", right)
    return int(text)


def _right(kinds: tuple[str, ...]) -> str:
    return "Write " + "; ".join(EXAMPLES[kind] for kind in kinds) + "."
