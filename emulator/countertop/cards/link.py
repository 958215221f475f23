"""The cable to a chip: what a reader's card slot asks of a card, wherever the card is."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


@runtime_checkable
class CardLink(Protocol):
    """A card that can be powered and spoken to.  ``countertop_drivers`` states the same protocol for itself.

    Failures of the link or the card (mute, removed, cable pulled) are OSError.
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
