"""The cable to a card, as every driver implements it.

``countertop.cards.link`` states the same protocol for the emulator; a contract test holds the two together.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable


@runtime_checkable
class CardLink(Protocol):
    """A card that can be powered and spoken to.

    Failures are :class:`~countertop_drivers.errors.DriverError`.
    """

    @property
    def present(self) -> bool:
        """True while a card is there."""

    def power_on(self) -> bytes:
        """Power the card up (again); returns its ATR (contact) or ATS (contactless)."""

    def transmit(self, apdu: bytes) -> bytes:
        """Send one command APDU; returns the response: data, then the two status bytes."""

    def power_off(self) -> None:
        """Take the power away; a card that has none stays as it is."""
