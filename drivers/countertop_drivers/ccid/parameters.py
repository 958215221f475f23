"""Which protocol and speed are used with a card: PPS, and the reader's SetParameters (CCID 1.10, 6.1.7)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import xor

from countertop_drivers.ccid.atr import DEFAULT_FIDI, DI, FI, Atr
from countertop_drivers.ccid.descriptor import CcidDescriptor
from countertop_drivers.errors import CardMute, DeviceRefused

PPSS = 0xFF
# The largest IFSC: 255 is reserved.
LARGEST_IFS = 254


@dataclass(frozen=True, slots=True)
class Choice:
    """What is used: the protocol (0 or 1), Fi and Di as in TA1, and whether a PPS must settle it first."""

    protocol: int
    fidi: int = DEFAULT_FIDI
    negotiate: bool = False


def choose(atr: Atr, reader: CcidDescriptor, fast: bool = True) -> Choice:
    """The card's first protocol that the reader speaks, at the card's speed if the reader keeps up with it.

    ``fast`` False stays at the default speed.  Raises DeviceRefused when they have no protocol in common.
    """
    if atr.specific is not None:
        _demand(reader, (atr.specific,))
        return Choice(atr.specific, DEFAULT_FIDI if atr.implicit else atr.fidi)
    protocol = _demand(reader, atr.protocols)
    fidi = atr.fidi if fast and _keeps_up(atr.fidi, reader) else DEFAULT_FIDI
    return Choice(protocol, fidi, negotiate=protocol != atr.protocols[0] or fidi != DEFAULT_FIDI)


def pps_request(choice: Choice) -> bytes:
    """PPSS PPS0 [PPS1] PCK (ISO/IEC 7816-3, 9.2)."""
    body = bytes((PPSS, choice.protocol))
    if choice.fidi != DEFAULT_FIDI:
        body = bytes((PPSS, 0x10 | choice.protocol, choice.fidi))
    return body + bytes((reduce(xor, body),))


def pps_answer(request: bytes, answer: bytes) -> int:
    """Fi and Di that hold after the card's answer.  Raises CardMute when it did not agree."""
    if answer == request:
        return request[2] if request[1] & 0x10 else DEFAULT_FIDI
    sound = len(answer) >= 3 and answer[0] == PPSS and reduce(xor, answer) == 0
    if sound and len(answer) == 3 and answer[1] == request[1] & 0x0F:
        return DEFAULT_FIDI  # it left PPS1 out: it keeps the default speed
    raise CardMute(f"The card answered {answer.hex().upper() or 'nothing'} to PPS {request.hex().upper()}.")


def encode_parameters(choice: Choice, atr: Atr) -> bytes:
    """abProtocolDataStructure: five bytes for T=0, seven for T=1."""
    inverse = 0x02 if atr.inverse else 0
    clock_stop = _clock_stop(atr)
    if choice.protocol == 0:
        return bytes((choice.fidi, inverse, atr.extra_guard, atr.wi, clock_stop))
    check = 0x10 | atr.crc | inverse
    waiting = atr.bwi << 4 | atr.cwi
    return bytes((choice.fidi, check, atr.extra_guard, waiting, clock_stop, min(atr.ifsc, LARGEST_IFS), 0))


def _clock_stop(atr: Atr) -> int:
    """Bits 8 and 7 of the first TA for T=15."""
    for level in range(3, 20):
        before = atr.interface.get(f"TD{level - 1}")
        if before is None:
            return 0
        if before & 0x0F == 15:
            return atr.interface.get(f"TA{level}", 0) >> 6
    return 0


def _demand(reader: CcidDescriptor, offered: tuple[int, ...]) -> int:
    for protocol in offered:
        if protocol in (0, 1) and reader.protocols >> protocol & 1:
            return protocol
    names = ", ".join(f"T={protocol}" for protocol in offered)
    raise DeviceRefused(f"The card speaks {names}; the reader does not.", code=0xF6, name="ICC_PROTOCOL_NOT_SUPPORTED")


def _keeps_up(fidi: int, reader: CcidDescriptor) -> bool:
    fi, di = FI[fidi >> 4], DI[fidi & 0x0F]
    return bool(fi and di) and reader.default_clock * 1000 * di // fi <= reader.max_data_rate
