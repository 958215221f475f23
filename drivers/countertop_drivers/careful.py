"""A card link that keeps a card from harm: it may be somebody's own.

Three wrong PINs block a card, an issuer's script or a TC may change what it allows later.  So only commands that read,
or make a cryptogram that ends nothing, go through; the rest need a word of permission (ISO/IEC 7816-4, EMV Book 3).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from countertop_drivers.errors import DriverError
from countertop_drivers.link import CardLink, Closing

PIN, TC, SCRIPTS = "pin", "tc", "scripts"
#: What may be allowed, and what it lets through.
PERMISSIONS = {
    PIN: "VERIFY: a PIN is tried",
    TC: "GENERATE AC for a TC and EXTERNAL AUTHENTICATE: the payment is completed",
    SCRIPTS: "everything else: commands that change the card",
}
#: Instructions that leave a card as it is, but for its counters.
_READING = {
    0xA4: "SELECT",
    0xB0: "READ BINARY",
    0xB2: "READ RECORD",
    0xC0: "GET RESPONSE",
    0xCA: "GET DATA",
    0xCB: "GET DATA",
    0x84: "GET CHALLENGE",
    0x88: "INTERNAL AUTHENTICATE",
    0xA8: "GET PROCESSING OPTIONS",
    0x2A: "COMPUTE CRYPTOGRAPHIC CHECKSUM",
    0xEA: "EXCHANGE RELAY RESISTANCE DATA",
}
_VERIFY, _GENERATE_AC, _EXTERNAL_AUTHENTICATE = 0x20, 0xAE, 0x82
_CHECKSUM_P1_P2 = b"\x8e\x80"
_TYPE, _TC = 0xC0, 0x40
_SECURE_MESSAGING = 0x0C


class NotAllowed(DriverError):
    """A command was held back that may harm a card."""


class CarefulLink(Closing):
    """A card link that holds commands back; ``allow`` names what may pass besides (:data:`PERMISSIONS`)."""

    def __init__(self, link: CardLink, allow: Iterable[str] = ()) -> None:
        self.link = link
        self.allow = frozenset(allow)
        unknown = self.allow - set(PERMISSIONS)
        if unknown:
            raise ValueError(f"no such permission: {', '.join(sorted(unknown))}")

    @property
    def present(self) -> bool:
        """True while a card is there."""
        return self.link.present

    def power_on(self) -> bytes:
        """What the card answers to power."""
        return self.link.power_on()

    def transmit(self, apdu: bytes) -> bytes:
        """Send a command if it does no harm.  Raises NotAllowed, and what the link raises."""
        needed = permission(apdu)
        if needed is not None and needed not in self.allow:
            raise NotAllowed(
                f"Command {apdu[:4].hex().upper()} was not sent: it may harm a card.",
                f"If this card is yours to risk: --allow {needed} ({PERMISSIONS[needed]}).",
            )
        return self.link.transmit(apdu)

    def power_off(self) -> None:
        """Take the power away."""
        self.link.power_off()

    def wait(self, present: bool, timeout_s: float) -> bool:
        """Wait for a card, or for its absence."""
        return self.link.wait(present, timeout_s)

    def close(self) -> None:
        """Let go of the device."""
        self.link.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.link, name)


def permission(apdu: bytes) -> str | None:
    """What a command needs to be sent to a card that may be somebody's own; None when it only reads."""
    if len(apdu) < 4:
        return SCRIPTS
    header, instruction = apdu[0], apdu[1]
    if header & _SECURE_MESSAGING or header == 0xFF:
        return SCRIPTS
    if instruction == _VERIFY:
        return PIN
    if instruction == _GENERATE_AC:
        return TC if apdu[2] & _TYPE == _TC else None
    if instruction == _EXTERNAL_AUTHENTICATE:
        return TC
    if instruction == 0x2A and apdu[2:4] != _CHECKSUM_P1_P2:
        return SCRIPTS
    return None if instruction in _READING else SCRIPTS
