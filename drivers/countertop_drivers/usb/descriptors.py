"""A configuration descriptor as bytes, as the objects that pyusb copies from (USB 2.0 §9.6)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

from countertop_drivers.errors import ProtocolError

CONFIGURATION, INTERFACE, ENDPOINT = 2, 4, 5
_CONFIGURATION, _INTERFACE, _ENDPOINT = struct.Struct("<BBHBBBBB"), struct.Struct("<9B"), struct.Struct("<BBBBHB")
_NAMES = {
    CONFIGURATION: "bLength bDescriptorType wTotalLength bNumInterfaces bConfigurationValue iConfiguration"
    " bmAttributes bMaxPower",
    INTERFACE: "bLength bDescriptorType bInterfaceNumber bAlternateSetting bNumEndpoints bInterfaceClass"
    " bInterfaceSubClass bInterfaceProtocol iInterface",
    ENDPOINT: "bLength bDescriptorType bEndpointAddress bmAttributes wMaxPacketSize bInterval",
}
_SHAPES = {CONFIGURATION: _CONFIGURATION, INTERFACE: _INTERFACE, ENDPOINT: _ENDPOINT}


class Fields:
    """What pyusb copies attributes from."""

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


@dataclass
class Interface:
    """One interface, its first alternate setting."""

    fields: Fields
    endpoints: list[Fields] = field(default_factory=list)


@dataclass
class Configuration:
    """A configuration and its interfaces."""

    fields: Fields
    interfaces: list[Interface] = field(default_factory=list)


def parse_configuration(data: bytes) -> Configuration:
    """Read it whole.  Other alternate settings are left out; class descriptors stay with what they stand behind.

    Raises ProtocolError when a descriptor is shorter than it says, or stands where it cannot.
    """
    found: Configuration | None = None
    extra: list[int] = []
    skipping = False
    at = 0
    while at < len(data):
        length = data[at]
        if length < 2 or at + length > len(data):
            raise ProtocolError(f"A descriptor at byte {at} says it has {length} bytes.")
        one = data[at : at + length]
        at += length
        kind = one[1]
        if kind not in _SHAPES:
            if not skipping:
                extra.extend(one)
            continue
        fields = _fields(kind, one)
        if kind == CONFIGURATION:
            if found is not None:
                break
            found = Configuration(fields)
        elif found is None:
            raise ProtocolError("The configuration does not begin with its own descriptor.")
        elif kind == INTERFACE:
            skipping = fields.bAlternateSetting != 0
            if not skipping:
                found.interfaces.append(Interface(fields))
        elif not skipping:
            if not found.interfaces:
                raise ProtocolError("An endpoint stands before every interface.")
            found.interfaces[-1].endpoints.append(fields)
        extra = fields.extra_descriptors
    if found is None:
        raise ProtocolError("There is no configuration descriptor.")
    return found


def _fields(kind: int, data: bytes) -> Fields:
    shape = _SHAPES[kind]
    if len(data) < shape.size:
        raise ProtocolError(f"A descriptor of kind {kind} has {len(data)} bytes instead of {shape.size}.")
    values = dict(zip(_NAMES[kind].split(), shape.unpack(data[: shape.size]), strict=True))
    more = {"bRefresh": 0, "bSynchAddress": 0} if kind == ENDPOINT else {}
    return Fields(**values, **more, extra_descriptors=[])
