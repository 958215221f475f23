"""Blocks of T=1 (ISO/IEC 7816-3, 11.3): NAD, PCB, LEN, INF and a check, LRC or CRC."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import xor

from countertop_drivers.errors import ProtocolError

LONGEST_INF = 254
RESYNCH, IFS, ABORT, WTX = 0xC0, 0xC1, 0xC2, 0xC3
RESPONSE = 0x20
SUPERVISION = {RESYNCH: 0, IFS: 1, ABORT: 0, WTX: 1}


@dataclass(frozen=True, slots=True)
class Block:
    """One block; what its PCB means is asked of the properties."""

    pcb: int
    inf: bytes = b""
    nad: int = 0

    @property
    def is_information(self) -> bool:
        """An I-block."""
        return not self.pcb & 0x80

    @property
    def is_ready(self) -> bool:
        """An R-block."""
        return self.pcb & 0xC0 == 0x80

    @property
    def number(self) -> int:
        """N(S) of an I-block, N(R) of an R-block."""
        return (self.pcb >> 6 if self.is_information else self.pcb >> 4) & 1

    @property
    def more(self) -> bool:
        """Whether an I-block has followers."""
        return self.is_information and bool(self.pcb & 0x20)

    def encode(self, crc: bool = False) -> bytes:
        """The block with its check behind it."""
        body = bytes((self.nad, self.pcb, len(self.inf))) + self.inf
        return body + check(body, crc)

    @classmethod
    def parse(cls, data: bytes, crc: bool = False) -> Block:
        """Read one block.  Raises ProtocolError for a wrong length or check, or a PCB that none can have."""
        if len(data) < 4 + crc or len(data) != 4 + crc + data[2] or data[2] > LONGEST_INF:
            raise ProtocolError(f"{data[:8].hex().upper() or 'Nothing'} ({len(data)} bytes) is no T=1 block.")
        end = 3 + data[2]
        if check(data[:end], crc) != data[end:]:
            raise ProtocolError(f"The check of the T=1 block {data[:8].hex().upper()}… is wrong.")
        block = cls(data[1], data[3:end], data[0])
        if not block._possible():
            raise ProtocolError(f"PCB {block.pcb:02X} with {len(block.inf)} bytes is no T=1 block.")
        return block

    def _possible(self) -> bool:
        if self.is_information:
            return not self.pcb & 0x1F
        if self.is_ready:
            return not self.pcb & 0x2C and not self.inf
        return SUPERVISION.get(self.pcb & ~RESPONSE) == len(self.inf)


def information(number: int, inf: bytes, more: bool = False) -> Block:
    """An I-block."""
    return Block(number << 6 | (0x20 if more else 0), inf)


def ready(number: int, problem: int = 0) -> Block:
    """An R-block that expects ``number`` next; ``problem`` 0 none, 1 check or parity, 2 another."""
    return Block(0x80 | number << 4 | problem)


def check(body: bytes, crc: bool = False) -> bytes:
    """The LRC (one byte), or the CRC of ISO/IEC 13239 (two)."""
    if not crc:
        return bytes((reduce(xor, body, 0),))
    register = 0xFFFF
    for byte in body:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0x8408 if register & 1 else 0)
    return (register ^ 0xFFFF).to_bytes(2, "big")
