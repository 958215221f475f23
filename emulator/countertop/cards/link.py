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


class CardCollision(OSError):
    """Several cards are in the field, so that none can be spoken to."""


class SeveralCards:
    """What a reader finds when more than one card is held to it; a :class:`CardLink`."""

    present = True

    def power_on(self) -> bytes:
        """Raises CardCollision."""
        raise CardCollision("several cards answer at once")

    def transmit(self, apdu: bytes) -> bytes:
        """Raises CardCollision."""
        raise CardCollision("several cards answer at once")

    def power_off(self) -> None:
        """The field goes off; the cards stay."""


class NoContacts:
    """Plastic without a chip in the slot: there is nothing that could answer; a :class:`CardLink`."""

    present = True

    def power_on(self) -> bytes:
        """Raises OSError: it has no contacts."""
        raise OSError("the card has no chip")

    def transmit(self, apdu: bytes) -> bytes:
        """Raises OSError likewise."""
        raise OSError("the card has no chip")

    def power_off(self) -> None:
        """Nothing had power."""
