"""The class descriptor of a CCID (CCID 1.10, 5.1): 54 bytes that say what the reader does by itself."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from enum import Enum, IntFlag

from countertop_drivers.errors import ProtocolError

INTERFACE_CLASS = 0x0B
DESCRIPTOR_TYPE = 0x21
LENGTH = 54
HEADER = 10
# The specification's own limit: the longest extended APDU and the header.
LONGEST_MESSAGE = 65544 + HEADER
_LAYOUT = struct.Struct("<BBHBBIIIBIIBIIIIIBBHBB")


class Feature(IntFlag):
    """dwFeatures: what needs no host."""

    AUTO_PARAMETERS = 0x02
    AUTO_ACTIVATION = 0x04
    AUTO_VOLTAGE = 0x08
    AUTO_CLOCK = 0x10
    AUTO_BAUD = 0x20
    AUTO_NEGOTIATION = 0x40
    AUTO_PPS = 0x80
    CLOCK_STOP = 0x100
    NAD = 0x200
    AUTO_IFSD = 0x400
    TPDU = 0x10000
    SHORT_APDU = 0x20000
    EXTENDED_APDU = 0x40000
    WAKE_UP = 0x100000


class Level(Enum):
    """What an XfrBlock carries."""

    CHARACTER = "character"
    TPDU = "TPDU"
    SHORT_APDU = "short APDU"
    EXTENDED_APDU = "extended APDU"


@dataclass(frozen=True, slots=True)
class CcidDescriptor:
    """The fields in their order.  Clocks in kHz, rates in bit/s; the names are the specification's."""

    ccid_release: int = 0x0110
    max_slot_index: int = 0
    voltage_support: int = 0x07
    protocols: int = 0x03
    default_clock: int = 4000
    maximum_clock: int = 4000
    clocks: int = 0
    data_rate: int = 10752
    max_data_rate: int = 344086
    data_rates: int = 0
    max_ifsd: int = 254
    synch_protocols: int = 0
    mechanical: int = 0
    features: int = 0
    max_message: int = 271
    class_get_response: int = 0xFF
    class_envelope: int = 0xFF
    lcd_layout: int = 0
    pin_support: int = 0
    max_busy_slots: int = 1

    @classmethod
    def parse(cls, data: bytes) -> CcidDescriptor:
        """Read 54 bytes.  Raises ProtocolError for another length, type, or a message size that cannot be."""
        if len(data) != LENGTH or data[0] != LENGTH or data[1] != DESCRIPTOR_TYPE:
            raise ProtocolError(f"{data[:8].hex().upper()}… is no CCID descriptor.")
        descriptor = cls(*_LAYOUT.unpack(data)[2:])
        if not HEADER < descriptor.max_message <= LONGEST_MESSAGE:
            raise ProtocolError(f"The reader claims messages of {descriptor.max_message} bytes.")
        return descriptor

    @property
    def encoded(self) -> bytes:
        """The 54 bytes."""
        return _LAYOUT.pack(LENGTH, DESCRIPTOR_TYPE, *astuple(self))

    @property
    def level(self) -> Level:
        """The exchange level; none of the three bits is the character level."""
        if self.features & Feature.EXTENDED_APDU:
            return Level.EXTENDED_APDU
        if self.features & Feature.SHORT_APDU:
            return Level.SHORT_APDU
        return Level.TPDU if self.features & Feature.TPDU else Level.CHARACTER

    @property
    def slots(self) -> int:
        """How many cards it holds."""
        return self.max_slot_index + 1

    def does(self, feature: Feature) -> bool:
        """Whether it does this without the host."""
        return bool(self.features & feature)


def find_descriptor(extras: Iterable[bytes]) -> CcidDescriptor:
    """The class descriptor among what stands behind interface and endpoints.

    Some old readers hang it on the last endpoint.  Raises ProtocolError when there is none.
    """
    for extra in extras:
        rest = extra
        while len(rest) >= 2 and rest[0] >= 2:
            if rest[1] == DESCRIPTOR_TYPE and rest[0] == LENGTH and len(rest) >= LENGTH:
                return CcidDescriptor.parse(rest[:LENGTH])
            rest = rest[rest[0] :]
    raise ProtocolError("The interface has no CCID descriptor.", "It is no smart-card reader of the class CCID.")
