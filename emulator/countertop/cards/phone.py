"""A phone in a customer's hand: a card in its wallet, and what it knows of who holds it."""

from __future__ import annotations

from countertop.cards.card import SimulatedCard
from countertop.cards.catalog import phone_card
from countertop.cards.presentation import Device


class Phone:
    """A phone (or watch) with a test card in its wallet.

    ``locked``: it wants its holder's face, finger or code before it pays.  ``express``: locked or not, it pays at the
    gates of public transport, without knowing whose hand it is in.  Raises UnknownCard for a wallet that there is not,
    or that does not take the card.
    """

    def __init__(self, wallet: str = "apple_pay", card: str = "visa", *, locked: bool = False) -> None:
        self.card: SimulatedCard = phone_card(wallet, card)
        self.locked = locked
        self.express = False

    def __repr__(self) -> str:
        return f"Phone({self.card.name}, {self.card.shown}, {self.device})"

    @property
    def last4(self) -> str:
        """The last four digits of the device's own number, which receipts show."""
        return self.card.last4

    @property
    def device(self) -> Device:
        """What it tells a reader of its holder."""
        if not self.locked:
            return "verified"
        return "express" if self.express else "locked"

    def lock(self) -> None:
        """Lock it."""
        self.locked = True

    def unlock(self) -> None:
        """Its holder shows a face, a finger, or types the code."""
        self.locked = False
