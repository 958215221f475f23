"""A phone in a customer's hand: a card in its wallet, and what it knows of who holds it."""

from __future__ import annotations

from typing import Protocol

from countertop.cards.card import SimulatedCard
from countertop.cards.catalog import phone_card
from countertop.cards.presentation import Device


class WalletCard(Protocol):
    """A card that can be added to a wallet."""

    def in_phone(self, wallet: str) -> SimulatedCard:
        """The card as it is in a phone with this wallet."""


class Phone:
    """A phone (or watch) with a test card in its wallet.

    ``locked``: it wants its holder's face, finger or code before it pays.  ``express``: locked or not, it pays at the
    gates of public transport, without knowing whose hand it is in.  Raises UnknownCard for a wallet that there is not,
    or that does not take the card.
    """

    def __init__(self, wallet: str = "apple_pay", card: str = "visa", *, locked: bool = False) -> None:
        self.wallet = wallet
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

    def add(self, card: WalletCard | str) -> None:
        """Add a card, which it then pays with: a test card by name, or one that was issued.

        Raises UnknownCard for a test card, and ApiError for an issued one, that its wallet does not take.
        """
        name = self.wallet
        self.card = phone_card(name, card) if isinstance(card, str) else card.in_phone(name)

    def lock(self) -> None:
        """Lock it."""
        self.locked = True

    def unlock(self) -> None:
        """Its holder shows a face, a finger, or types the code."""
        self.locked = False
