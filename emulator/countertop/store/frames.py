"""How a group stands in the log: magic, sequence, lengths, checksum, header, bodies."""

from __future__ import annotations

import struct
import zlib
from typing import NamedTuple

MAGIC = b"CTLG"
HEAD = struct.Struct(">4sQIII")  # magic, sequence, length of header, length of bodies, CRC-32


class Frame(NamedTuple):
    """One whole group, and where it ends in the log."""

    sequence: int
    header: bytes
    bodies: bytes
    end: int


def encode(sequence: int, header: bytes, bodies: bytes) -> bytes:
    """A frame's bytes; the checksum covers the sequence, the lengths, the header and the bodies."""
    crc = _checksum(sequence, header, bodies)
    return HEAD.pack(MAGIC, sequence, len(header), len(bodies), crc) + header + bodies


def decode(data: bytes, position: int) -> Frame | None:
    """The frame at ``position``; None when what stands there is not a whole one."""
    if position + HEAD.size > len(data):
        return None
    magic, sequence, header_length, bodies_length, crc = HEAD.unpack_from(data, position)
    start = position + HEAD.size
    middle, end = start + header_length, start + header_length + bodies_length
    if magic != MAGIC or end > len(data):
        return None
    header, bodies = data[start:middle], data[middle:end]
    if _checksum(sequence, header, bodies) != crc:
        return None
    return Frame(sequence, header, bodies, end)


def frame_follows(data: bytes, position: int) -> bool:
    """Whether a whole frame stands anywhere after ``position``: then what is there is damage, not a torn end."""
    while (position := data.find(MAGIC, position + 1)) >= 0:
        if decode(data, position) is not None:
            return True
    return False


def _checksum(sequence: int, header: bytes, bodies: bytes) -> int:
    lengths = struct.pack(">QII", sequence, len(header), len(bodies))
    return zlib.crc32(bodies, zlib.crc32(header, zlib.crc32(lengths)))
