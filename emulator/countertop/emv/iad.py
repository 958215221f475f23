"""Issuer application data, tag 9F10: how each scheme lays it out, and what its verification results say (G.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, IntFlag
from types import MappingProxyType

VISA_LENGTH, VISA_CVR_LENGTH, FORMAT_2_LENGTH, CCD_LENGTH = 0x06, 0x03, 0x1F, 0x0F
SHORTEST_VISA, LONG = 7, 32
MASTERCARD_LENGTHS = frozenset((10, 18, 20, 26, 28))
"""M/Chip: without counters (of old), and with 8, 10, 16 or 18 bytes of them."""
NO_COUNTERS = bytes(7) + b"\xff"
"""Counters of M/Chip that tell nothing."""


class Layout(Enum):
    """Whose layout it is; the value is how people call it."""

    VISA = "Visa"
    FORMAT_2 = "Visa format 2"
    MASTERCARD = "M/Chip"
    CCD = "CCD"


class VisaCvr(IntFlag):
    """Bytes 2 to 4 of Visa's card verification results, without the types of cryptogram in front."""

    ISSUER_AUTHENTICATION_FAILED = 0x08_00_00
    OFFLINE_PIN_DONE = 0x04_00_00
    OFFLINE_PIN_FAILED = 0x02_00_00
    UNABLE_TO_GO_ONLINE = 0x01_00_00
    LAST_ONLINE_NOT_COMPLETED = 0x80_00
    PIN_TRY_LIMIT = 0x40_00
    VELOCITY_EXCEEDED = 0x20_00
    NEW_CARD = 0x10_00
    LAST_ISSUER_AUTHENTICATION_FAILED = 0x08_00
    LAST_ISSUER_AUTHENTICATION_MISSING = 0x04_00
    BLOCKED_BY_PIN_TRY_LIMIT = 0x02_00
    LAST_SDA_FAILED = 0x01_00
    SCRIPT_FAILED = 0x08
    LAST_DDA_FAILED = 0x04
    DDA_DONE = 0x02
    PIN_EXPECTED_BUT_ABSENT = 0x01


class MastercardCvr(IntFlag):
    """The 6 bytes of M/Chip's card verification results, without types of cryptogram, script counter and PIN tries."""

    DATE_CHECK_FAILED = 0x08_00_00_00_00_00
    OFFLINE_PIN_DONE = 0x04_00_00_00_00_00
    OFFLINE_PIN_ENCIPHERED = 0x02_00_00_00_00_00
    OFFLINE_PIN_OK = 0x01_00_00_00_00_00
    DDA_RETURNED = 0x80_00_00_00_00
    CDA_IN_FIRST_GAC = 0x40_00_00_00_00
    CDA_IN_SECOND_GAC = 0x20_00_00_00_00
    ISSUER_AUTHENTICATION_DONE = 0x10_00_00_00_00
    CIAC_DEFAULT_SKIPPED = 0x08_00_00_00_00
    PIN_CHANGED = 0x04_00_00_00_00
    LAST_ONLINE_NOT_COMPLETED = 0x80_00_00
    UNABLE_TO_GO_ONLINE = 0x40_00_00
    PIN_NOT_PERFORMED = 0x20_00_00
    PIN_FAILED = 0x10_00_00
    PIN_TRY_LIMIT = 0x08_00_00
    INTERNATIONAL = 0x04_00_00
    DOMESTIC = 0x02_00_00
    TERMINAL_WRONGLY_SAYS_PIN_OK = 0x01_00_00
    LOWER_CONSECUTIVE = 0x80_00
    UPPER_CONSECUTIVE = 0x40_00
    LOWER_CUMULATIVE = 0x20_00
    UPPER_CUMULATIVE = 0x10_00
    GO_ONLINE_NEXT = 0x08_00
    ISSUER_AUTHENTICATION_FAILED = 0x04_00
    SCRIPT_RECEIVED = 0x02_00
    SCRIPT_FAILED = 0x01_00


@dataclass(frozen=True, slots=True)
class Iad:
    """The parts.  ``number``: the cryptogram version.  ``dki``: which of the issuer's master keys.

    ``cvr``: with its length in front where the layout has one.  ``dynamic``: data authentication code, or the
    beginning of the card's dynamic number.
    """

    layout: Layout
    number: int
    dki: int
    cvr: bytes
    dynamic: bytes = b""
    counters: bytes = b""


# Types of the first and the second cryptogram, by two bits.
_FIRST = ("AAC", "TC", "ARQC", "RFU")
_SECOND = ("AAC", "TC", "not requested", "RFU")
# Where parts stand: number, dki, CVR, dynamic, counters.
_PLACES: Mapping[Layout, tuple[int, int, slice, slice, slice]] = MappingProxyType(
    {
        Layout.VISA: (2, 1, slice(3, 7), slice(0), slice(0)),
        Layout.FORMAT_2: (1, 2, slice(3, 8), slice(0), slice(0)),
        Layout.MASTERCARD: (1, 0, slice(2, 8), slice(8, 10), slice(10, None)),
        Layout.CCD: (1, 2, slice(3, 8), slice(0), slice(8, 16)),
    }
)


def layout_of(iad: bytes) -> Layout | None:
    """Which layout these bytes are in, None for none of them.  M/Chip's has no mark but its lengths and versions."""
    length, first = len(iad), iad[0] if iad else -1
    if length == LONG and first == FORMAT_2_LENGTH:
        return Layout.FORMAT_2
    if length == LONG and first == CCD_LENGTH and iad[16] == CCD_LENGTH:
        return Layout.CCD
    if length >= SHORTEST_VISA and first == VISA_LENGTH and iad[3] == VISA_CVR_LENGTH:
        return Layout.VISA
    if length in MASTERCARD_LENGTHS and iad[1] >> 4 == 1:
        return Layout.MASTERCARD
    return None


def read_iad(iad: bytes) -> Iad | None:
    """The parts, None for a layout that is not known."""
    layout = layout_of(iad)
    if layout is None:
        return None
    number, dki, cvr, dynamic, counters = _PLACES[layout]
    return Iad(layout, iad[number], iad[dki], iad[cvr], iad[dynamic], iad[counters])


def make_iad(parts: Iad) -> bytes:
    """The value of tag 9F10.  Raises ValueError for parts that do not fit the layout.

    Format 2 takes a CVR of format 0 too, as results of nobody's verification.
    """
    cvr, counters = parts.cvr, parts.counters
    match parts.layout:
        case Layout.VISA:
            _demand(len(cvr) == 4 and cvr[0] == VISA_CVR_LENGTH, "Visa's CVR is 03 and 3 bytes")
            return bytes((VISA_LENGTH, parts.dki, parts.number)) + cvr
        case Layout.FORMAT_2:
            carried = b"\x00" + cvr[1:] + b"\x00" if len(cvr) == 4 else cvr
            _demand(len(carried) == 5, "the CVR of Visa's format 2 has 5 bytes")
            return (bytes((FORMAT_2_LENGTH, parts.number, parts.dki)) + carried).ljust(LONG, b"\x00")
        case Layout.MASTERCARD:
            _demand(len(cvr) == 6, "the CVR of M/Chip has 6 bytes")
            _demand(len(parts.dynamic) <= 2, "M/Chip has 2 bytes for DAC or dynamic number")
            dynamic = parts.dynamic.ljust(2, b"\x00")
            return bytes((parts.dki, parts.number)) + cvr + dynamic + (counters or NO_COUNTERS)
        case Layout.CCD:
            _demand(len(cvr) == 5 and len(counters) <= 8, "CCD has 5 bytes of CVR, and 8 of counters")
            told = bytes((CCD_LENGTH, parts.number, parts.dki)) + cvr + counters.ljust(8, b"\x00")
            return (told + bytes((CCD_LENGTH,))).ljust(LONG, b"\x00")


def cvr_in(layout: Layout, iad: bytes) -> bytes:
    """The verification results, or what is there of them: a card may send anything."""
    return iad[_PLACES[layout][2]]


def describe_iad(iad: bytes) -> str:
    """What these bytes say, in words, for people."""
    parts = read_iad(iad)
    if parts is None:
        return "unknown layout"
    head = f"{parts.layout.value} CVN {parts.number:02X}, key {parts.dki}, CVR {parts.cvr.hex().upper()}"
    if parts.layout not in (Layout.VISA, Layout.MASTERCARD):
        return head
    visa = parts.layout is Layout.VISA
    results = int.from_bytes(parts.cvr[1:] if visa else parts.cvr, "big")
    first = parts.cvr[1 if visa else 0]
    said = [f"GAC 2 {_SECOND[first >> 6]}", f"GAC 1 {_FIRST[first >> 4 & 3]}"]
    if visa:
        said += [*_names(VisaCvr, results), f"scripts {results >> 4 & 15}"]
    else:
        said += [*_names(MastercardCvr, results), f"scripts {parts.cvr[2] >> 4}", f"PIN tries {parts.cvr[2] & 15}"]
    return f"{head}: {', '.join(said)}"


def _names(flags: type[VisaCvr] | type[MastercardCvr], value: int) -> list[str]:
    return [(bit.name or "").replace("_", " ").lower() for bit in flags if value & bit]


def _demand(holds: bool, why: str) -> None:
    if not holds:
        raise ValueError(why)
