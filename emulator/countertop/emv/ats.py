"""The answer to select of a contactless card: what it says of frames, speed and time (ISO/IEC 14443-4 §5.2; C.3)."""

from __future__ import annotations

from dataclasses import dataclass

FRAME_BYTES = (16, 24, 32, 40, 48, 64, 96, 128, 256, 512, 1024, 2048, 4096)
"""Frame sizes by FSCI."""
LONGEST = 20
# EMV takes cards that answer a frame within 4,949 ms at the latest (Book D; FWI 7 is what it wants of them).
MOST_FWI = 14
_HAS_TA, _HAS_TB, _HAS_TC, _RFU = 0x10, 0x20, 0x40, 0x80
_CARRIER_HZ = 13_560_000


class AtsError(ValueError):
    """Bytes that are no ATS."""


@dataclass(frozen=True, slots=True)
class Ats:
    """An answer to select.

    ``frame_bytes``: the largest frame that the card takes.  ``fwi``: its frame waiting time, as the exponent of two.
    ``sfgi``: how long it wants to be left alone at first, likewise.
    """

    frame_bytes: int
    fwi: int = 4
    sfgi: int = 0
    bit_rates: int = 0
    cid: bool = False
    nad: bool = False
    historical: bytes = b""

    @property
    def frame_waiting_ms(self) -> float:
        """How long a reader waits for an answer before it asks again, in milliseconds."""
        return float(256 * 16 * 2**self.fwi * 1000 / _CARRIER_HZ)


def make_ats(*, fsci: int = 8, fwi: int = 7, sfgi: int = 0, historical: bytes = b"") -> bytes:
    """An ATS with all its interface bytes.  Raises AtsError for historical bytes that find no room."""
    body = bytes((_HAS_TA | _HAS_TB | _HAS_TC | fsci, 0x80, fwi << 4 | sfgi, 0x02)) + historical
    if len(body) >= LONGEST:
        raise AtsError(f"{len(historical)} historical bytes find no room")
    return bytes((len(body) + 1,)) + body


def parse_ats(encoded: bytes) -> Ats:
    """Read one.  Raises AtsError for bytes that are none, or that EMV does not allow."""
    if not encoded or encoded[0] != len(encoded):
        raise AtsError("its length is not what its first byte says")
    if len(encoded) == 1:
        return Ats(FRAME_BYTES[2])
    t0, at = encoded[1], 2
    if t0 & _RFU:
        raise AtsError(f"T0 is {t0:02X}, whose first bit has no meaning yet")
    found = {}
    for bit in (_HAS_TA, _HAS_TB, _HAS_TC):
        if t0 & bit:
            if at >= len(encoded):
                raise AtsError("it ends before its interface bytes do")
            found[bit], at = encoded[at], at + 1
    times, options = found.get(_HAS_TB, 0x40), found.get(_HAS_TC, 0x02)
    if times >> 4 > MOST_FWI:
        raise AtsError("its frame waiting time has no meaning")
    size = FRAME_BYTES[min(t0 & 0x0F, len(FRAME_BYTES) - 1)]
    return Ats(
        size, times >> 4, times & 0x0F, found.get(_HAS_TA, 0), bool(options & 2), bool(options & 1), encoded[at:]
    )
