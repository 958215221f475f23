"""Messages of the bulk pipes (CCID 1.10, 6.1 and 6.2): a header of ten bytes, little endian, then data."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from countertop_drivers.ccid.descriptor import HEADER
from countertop_drivers.errors import ProtocolError

# Host to reader.
SET_PARAMETERS, ICC_POWER_ON, ICC_POWER_OFF, GET_SLOT_STATUS = 0x61, 0x62, 0x63, 0x65
SECURE, T0_APDU, ESCAPE, GET_PARAMETERS, RESET_PARAMETERS, ICC_CLOCK = 0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E
XFR_BLOCK, MECHANICAL, ABORT, SET_RATE_AND_CLOCK = 0x6F, 0x71, 0x72, 0x73
# Reader to host.
DATA_BLOCK, SLOT_STATUS, PARAMETERS, ESCAPE_ANSWER, RATE_AND_CLOCK = 0x80, 0x81, 0x82, 0x83, 0x84
# Interrupt pipe.
NOTIFY_SLOT_CHANGE, HARDWARE_ERROR = 0x50, 0x51

#: Command -> the type of its answer, and what it is called.
COMMANDS: dict[int, tuple[int, str]] = {
    SET_PARAMETERS: (PARAMETERS, "SetParameters"),
    ICC_POWER_ON: (DATA_BLOCK, "IccPowerOn"),
    ICC_POWER_OFF: (SLOT_STATUS, "IccPowerOff"),
    GET_SLOT_STATUS: (SLOT_STATUS, "GetSlotStatus"),
    SECURE: (DATA_BLOCK, "Secure"),
    T0_APDU: (SLOT_STATUS, "T0APDU"),
    ESCAPE: (ESCAPE_ANSWER, "Escape"),
    GET_PARAMETERS: (PARAMETERS, "GetParameters"),
    RESET_PARAMETERS: (PARAMETERS, "ResetParameters"),
    ICC_CLOCK: (SLOT_STATUS, "IccClock"),
    XFR_BLOCK: (DATA_BLOCK, "XfrBlock"),
    MECHANICAL: (SLOT_STATUS, "Mechanical"),
    ABORT: (SLOT_STATUS, "Abort"),
    SET_RATE_AND_CLOCK: (RATE_AND_CLOCK, "SetDataRateAndClockFrequency"),
}
ANSWERS: dict[int, str] = {
    DATA_BLOCK: "DataBlock",
    SLOT_STATUS: "SlotStatus",
    PARAMETERS: "Parameters",
    ESCAPE_ANSWER: "Escape",
    RATE_AND_CLOCK: "DataRateAndClockFrequency",
}
# bStatus: bits 1-2 the card, bits 7-8 the command.
ACTIVE, INACTIVE, ABSENT = 0, 1, 2
DONE, FAILED, MORE_TIME = 0, 1, 2
_HEADER = struct.Struct("<BIBB3s")


@dataclass(frozen=True, slots=True)
class Command:
    """A message to the reader; ``specific`` are bytes 7 to 9."""

    kind: int
    slot: int
    seq: int
    specific: bytes = bytes(3)
    data: bytes = b""

    @property
    def encoded(self) -> bytes:
        """Header and data."""
        return _HEADER.pack(self.kind, len(self.data), self.slot, self.seq, self.specific) + self.data

    @classmethod
    def parse(cls, message: bytes) -> Command:
        """Read a whole message.  Raises ProtocolError unless its length is the one it claims."""
        kind, length, slot, seq, specific = _header(message)
        if len(message) != HEADER + length:
            raise ProtocolError(f"A message claims {length} bytes of data and has {len(message) - HEADER}.")
        return cls(kind, slot, seq, specific, message[HEADER:])


@dataclass(frozen=True, slots=True)
class Answer:
    """A message from the reader.  ``specific`` is byte 9: chain parameter, clock status or protocol."""

    kind: int
    slot: int
    seq: int
    status: int = 0
    error: int = 0
    specific: int = 0
    data: bytes = b""

    @property
    def card(self) -> int:
        """bmICCStatus: ACTIVE, INACTIVE or ABSENT (3 is reserved)."""
        return self.status & 3

    @property
    def outcome(self) -> int:
        """bmCommandStatus: DONE, FAILED or MORE_TIME (3 is reserved)."""
        return self.status >> 6

    @property
    def encoded(self) -> bytes:
        """Header and data."""
        specific = bytes((self.status, self.error, self.specific))
        return _HEADER.pack(self.kind, len(self.data), self.slot, self.seq, specific) + self.data

    @classmethod
    def parse(cls, message: bytes) -> Answer:
        """Read a message.  What is longer than it claims is cut: some readers forget to count (QEMU's parameters).

        Raises ProtocolError when it is shorter, or of no type that a reader sends.
        """
        kind, length, slot, seq, specific = _header(message)
        if kind not in ANSWERS:
            raise ProtocolError(f"{kind:02X} is no answer of a reader.")
        if len(message) < HEADER + length:
            raise ProtocolError(f"An answer claims {length} bytes of data and has {len(message) - HEADER}.")
        status, error, own = specific
        return cls(kind, slot, seq, status, error, own, message[HEADER : HEADER + length])


def claimed_length(begin: bytes) -> int:
    """How long the message that begins so is to be, header included.  Needs five bytes."""
    return HEADER + int.from_bytes(begin[1:5], "little")


def slot_changes(report: bytes) -> list[tuple[bool, bool]]:
    """NotifySlotChange: for each slot (in whole bytes, four a byte) whether a card is present, and whether that is new.

    Raises ProtocolError when the report is none.
    """
    if len(report) < 2 or report[0] != NOTIFY_SLOT_CHANGE:
        raise ProtocolError(f"{report[:8].hex().upper() or 'Nothing'} is no NotifySlotChange.")
    return [(bool(byte >> shift & 1), bool(byte >> shift & 2)) for byte in report[1:] for shift in (0, 2, 4, 6)]


def _header(message: bytes) -> tuple[int, int, int, int, bytes]:
    if len(message) < HEADER:
        raise ProtocolError(f"A message of {len(message)} bytes has no whole header.")
    kind, length, slot, seq, specific = _HEADER.unpack(message[:HEADER])
    return kind, length, slot, seq, specific
