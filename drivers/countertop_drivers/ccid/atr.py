"""The answer to reset (ISO/IEC 7816-3, 8.2): what a card says about its lines before anything else."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from operator import xor

from countertop_drivers.errors import CardMute

DIRECT, INVERSE = 0x3B, 0x3F
LONGEST = 33
# ISO/IEC 7816-3, tables 7 and 8; 0 is reserved.
FI = (372, 372, 558, 744, 1116, 1488, 1860, 0, 0, 512, 768, 1024, 1536, 2048, 0, 0)
DI = (0, 1, 2, 4, 8, 16, 32, 64, 12, 20, 0, 0, 0, 0, 0, 0)
DEFAULT_FIDI = 0x11


@dataclass(frozen=True, slots=True)
class Atr:
    """An ATR, with the standard's defaults for what it leaves out.

    ``protocols`` in the order offered; ``specific`` is the protocol of the specific mode (TA2) or None when
    the card negotiates; ``ifsc``, ``bwi``, ``cwi`` and ``crc`` are T=1's, ``wi`` is T=0's.
    """

    encoded: bytes
    protocols: tuple[int, ...] = (0,)
    fidi: int = DEFAULT_FIDI
    extra_guard: int = 0
    specific: int | None = None
    implicit: bool = False
    wi: int = 10
    ifsc: int = 32
    bwi: int = 4
    cwi: int = 13
    crc: bool = False
    historical: bytes = b""
    interface: dict[str, int] = field(default_factory=dict)

    @property
    def inverse(self) -> bool:
        """Whether it speaks in inverse convention."""
        return self.encoded[0] == INVERSE


def parse_atr(data: bytes) -> Atr:
    """Read an ATR.  Raises CardMute, with what is wrong: it must begin with 3B or 3F, be whole and keep its check byte.

    Bytes after the end are an error, too: a reader that adds some would hide a missing TCK.
    """
    if len(data) < 2 or len(data) > LONGEST or data[0] not in (DIRECT, INVERSE):
        raise CardMute(f"The card's ATR cannot be one: {data[:40].hex().upper() or 'empty'}.")
    interface, protocols, place = _interface_bytes(data)
    count = data[1] & 0x0F
    historical = data[place : place + count]
    needs_check = any(protocol != 0 for protocol in protocols)
    end = place + count + needs_check
    if len(data) != end:
        raise CardMute(f"The card's ATR has {len(data)} bytes and announces {end}: {data.hex().upper()}.")
    if needs_check and reduce(xor, data[1:]) != 0:
        raise CardMute(f"The check byte of the card's ATR is wrong: {data.hex().upper()}.")
    mode = interface.get("TA2")
    t1 = _level_of_t1(interface)
    waiting = interface.get(f"TB{t1}", 0x4D)
    # T=15 only qualifies the bytes behind it.
    offered = tuple(dict.fromkeys(one for one in protocols if one != 15)) or (0,)
    return Atr(
        encoded=bytes(data),
        protocols=offered,
        fidi=interface.get("TA1", DEFAULT_FIDI),
        extra_guard=interface.get("TC1", 0),
        specific=None if mode is None else mode & 0x0F,
        implicit=mode is not None and bool(mode & 0x10),
        wi=interface.get("TC2", 10) if protocols[:1] == [0] else 10,
        ifsc=interface.get(f"TA{t1}", 32) if t1 else 32,
        bwi=waiting >> 4,
        cwi=waiting & 0x0F,
        crc=bool(interface.get(f"TC{t1}", 0) & 1),
        historical=historical,
        interface=interface,
    )


def _interface_bytes(data: bytes) -> tuple[dict[str, int], list[int], int]:
    """TA1, TB1 … by name, the protocols that the TDs name, and where the historical bytes begin."""
    interface: dict[str, int] = {}
    protocols: list[int] = []
    place, level, announced = 2, 1, data[1] >> 4
    while announced:
        following = 0
        for bit, letter in enumerate("ABCD"):
            if not announced >> bit & 1:
                continue
            if place >= len(data):
                raise CardMute(f"The card's ATR ends among its interface bytes: {data.hex().upper()}.")
            interface[f"T{letter}{level}"] = data[place]
            if letter == "D":
                following = data[place] >> 4
                protocols.append(data[place] & 0x0F)
            place += 1
        announced, level = following, level + 1
    return interface, protocols, place


def _level_of_t1(interface: dict[str, int]) -> int:
    """The level, 3 or above, that holds the first bytes for T=1; 0 when there is none."""
    for level in range(3, 20):
        before = interface.get(f"TD{level - 1}")
        if before is None:
            return 0
        if before & 0x0F == 1:
            return level
    return 0
