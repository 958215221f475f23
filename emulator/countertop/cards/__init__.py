"""What is in a customer's hand: simulated test cards, and links to chips.

:func:`find_card` finds a test card by name or number; :class:`Presentation` is a card and how it is held to
a reader.
"""

from countertop.cards.card import SimulatedCard
from countertop.cards.catalog import UnknownCard, all_cards, find_card
from countertop.cards.distant import Allowed, DistantCard
from countertop.cards.link import CardCollision, CardLink, NoContacts, SeveralCards
from countertop.cards.numbers import brand_of, is_valid_number, mask
from countertop.cards.phone import Phone
from countertop.cards.presentation import Device, Interface, Presentation, usual_interface
from countertop.cards.stripe import MagneticStripe

__all__ = [
    "Allowed",
    "CardCollision",
    "CardLink",
    "Device",
    "DistantCard",
    "Interface",
    "MagneticStripe",
    "NoContacts",
    "Phone",
    "Presentation",
    "SeveralCards",
    "SimulatedCard",
    "UnknownCard",
    "all_cards",
    "brand_of",
    "find_card",
    "is_valid_number",
    "mask",
    "usual_interface",
]
