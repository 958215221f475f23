"""The command set of the MSR206 family (MSR605 Programmer's Manual, sections 6 and 7; card-hardware.md D.2)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, IntEnum

ESC = 0x1B

# Without parameters.
RESET = b"\x1b\x61"
READ_ISO = b"\x1b\x72"
READ_RAW = b"\x1b\x6d"
TEST_LINE = b"\x1b\x65"
TEST_SENSOR = b"\x1b\x86"
TEST_MEMORY = b"\x1b\x87"
GET_LEADING_ZEROS = b"\x1b\x6c"
GET_MODEL = b"\x1b\x74"
GET_FIRMWARE = b"\x1b\x76"
SET_HIGH = b"\x1b\x78"
SET_LOW = b"\x1b\x79"
GET_COERCIVITY = b"\x1b\x64"

# Before parameters.
WRITE_ISO = b"\x1b\x77"
WRITE_RAW = b"\x1b\x6e"
SET_LEADING_ZEROS = b"\x1b\x7a"
ERASE = b"\x1b\x63"
SET_DENSITY = b"\x1b\x62"
SET_BITS = b"\x1b\x6f"

LINE_WORKS = b"\x1b\x79"
HIGH, LOW = b"\x1b\x48", b"\x1b\x4c"


class Light(Enum):
    """What the lights shall do."""

    NONE = b"\x1b\x81"
    ALL = b"\x1b\x82"
    GREEN = b"\x1b\x83"
    YELLOW = b"\x1b\x84"
    RED = b"\x1b\x85"


class Status(IntEnum):
    """How a command ended.  The manual leaves the rest of 31 to 3F to errors that it does not name."""

    OK = 0x30
    READ_WRITE_ERROR = 0x31
    FORMAT_ERROR = 0x32
    INVALID_COMMAND = 0x34
    BAD_SWIPE = 0x39
    FAILED = 0x41


WORDS: Mapping[int, str] = {
    Status.OK: "it was done",
    Status.READ_WRITE_ERROR: "the card could not be read or written",
    Status.FORMAT_ERROR: "the command is malformed",
    Status.INVALID_COMMAND: "it does not know the command",
    Status.BAD_SWIPE: "the card was moved too fast, too slowly or unevenly",
    Status.FAILED: "it failed",
}
STATUSES = frozenset((*range(0x30, 0x40), Status.FAILED))
#: The select byte of an erasure, by which of tracks 1 to 3 are chosen.
SELECT = {
    (True, False, False): 0x00,
    (False, True, False): 0x02,
    (False, False, True): 0x04,
    (True, True, False): 0x03,
    (True, False, True): 0x05,
    (False, True, True): 0x06,
    (True, True, True): 0x07,
}
#: By track: the codes for 75 and for 210 bits an inch.
DENSITY = ((0xA0, 0xA1), (0x4B, 0xD2), (0xC0, 0xC1))
#: By what the model command answers: the tracks that such a device has.
MODEL_TRACKS = {"1": (2,), "2": (2, 3), "3": (1, 2, 3), "5": (1, 2)}
#: Bits a character with parity, after a reset; and whole bytes, in which raw data is carried.
ISO_BITS = (7, 5, 5)
RAW_BITS = (8, 8, 8)
#: Zeros before the characters, after a reset: on tracks 1 and 3, on track 2.
LEADING_ZEROS = (61, 22)


def status_words(status: int) -> str:
    """What a status says, for people."""
    return WORDS.get(status, f"error {status:02X}")
