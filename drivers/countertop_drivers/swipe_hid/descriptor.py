"""How long an input report is, from the report descriptor (USB HID 1.11, 6.2.2)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from countertop_drivers.errors import ProtocolError

_LONG_ITEM = 0xFE
_DEEPEST = 16
#: No input report of any device is as long; a descriptor that says so lies.
LONGEST_REPORT = 4096


@dataclass(frozen=True, slots=True)
class InputReport:
    """The longest input report: ``size`` in bytes, without its number; ``numbered``: whether one stands before it."""

    size: int
    numbered: bool = False


def input_report(descriptor: bytes) -> InputReport:
    """Read a report descriptor.  Raises ProtocolError when it is malformed or has no input report."""
    bits: defaultdict[int, int] = defaultdict(int)
    size = count = number = 0
    kept: list[tuple[int, int, int]] = []
    at = 0
    while at < len(descriptor):
        prefix = descriptor[at]
        if prefix == _LONG_ITEM:
            at += 3 + (descriptor[at + 1] if at + 1 < len(descriptor) else 0)
            continue
        length = (0, 1, 2, 4)[prefix & 3]
        data = descriptor[at + 1 : at + 1 + length]
        if len(data) < length:
            raise ProtocolError("The report descriptor ends in the middle of an item.")
        value = int.from_bytes(data, "little")
        at += 1 + length
        match prefix & 0xFC:
            case 0x74:  # Report Size
                size = value
            case 0x84:  # Report ID
                number = value
            case 0x94:  # Report Count
                count = value
            case 0xA4 if len(kept) < _DEEPEST:  # Push
                kept.append((size, count, number))
            case 0xB4 if kept:  # Pop
                size, count, number = kept.pop()
            case 0xA4 | 0xB4:
                raise ProtocolError("The report descriptor keeps its state too deep, or takes back what it never kept.")
            case 0x80:  # Input
                bits[number] += size * count
    longest = -(-max(bits.values(), default=0) // 8)
    if not 0 < longest <= LONGEST_REPORT:
        raise ProtocolError(f"The report descriptor has no usable input report ({longest} bytes).")
    return InputReport(longest, any(bits))
