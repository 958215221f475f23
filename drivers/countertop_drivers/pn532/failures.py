"""What the status byte behind every answer about a card means (card-hardware.md C.2)."""

from __future__ import annotations

from countertop_drivers.errors import CardMute, DeviceRefused, DriverError

MORE, ERROR = 0x40, 0x3F
NAMES = {
    0x01: "the card does not answer in time",
    0x02: "a CRC error",
    0x03: "a parity error",
    0x04: "a wrong bit count during anticollision",
    0x05: "a framing error",
    0x06: "a bit collision",
    0x07: "its buffer is too small",
    0x09: "its RF buffer overflowed",
    0x0A: "the other field did not come on in time",
    0x0B: "an RF protocol error",
    0x0D: "it is too hot",
    0x0E: "its buffer overflowed",
    0x10: "a parameter is out of range",
    0x12: "an unsupported DEP command",
    0x13: "data of a wrong format",
    0x14: "an authentication error",
    0x23: "a wrong UID check byte",
    0x25: "a wrong DEP state",
    0x26: "not allowed in this configuration",
    0x27: "not possible in this context",
    0x29: "released by its initiator",
    0x2A: "the card is another one",
    0x2B: "the card is gone",
    0x2C: "the NFCID3 does not match",
    0x2D: "over-current",
    0x2E: "the NAD is missing",
}
#: Those that a card causes; after them it wants to be powered on again.
BY_THE_CARD = frozenset({0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0B, 0x13, 0x27, 0x29, 0x2A, 0x2B})


def failure(status: int, doing: str) -> DriverError | None:
    """The error that a status byte stands for; None when all is well."""
    code = status & ERROR
    if code == 0:
        return None
    name = NAMES.get(code, f"error {code:02X}")
    if code in BY_THE_CARD:
        return CardMute(f"PN532, {doing}: {name} ({code:02X}).", "Hold the card still and power it on again.")
    return DeviceRefused(f"PN532, {doing}: {name} ({code:02X}).", code=code, name=name)
