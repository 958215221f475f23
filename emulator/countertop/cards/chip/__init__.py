"""Virtual chip cards: profiles, personalised images, and the card that answers commands.

:func:`profile_of` makes the chip of a simulated card, :func:`image_of` personalises it for a year, and
:class:`VirtualChip` is the card in the slot.
"""

from countertop.cards.chip.chip import CardGone, CardMute, CardUnpowered, VirtualChip
from countertop.cards.chip.faults import FAULTS, parse_faults
from countertop.cards.chip.image import ApplicationImage, ChipImage, image_of
from countertop.cards.chip.known import find_profile, profile_names, profile_of
from countertop.cards.chip.profile import ApplicationProfile, ChipProfile
from countertop.cards.chip.state import ChipState

__all__ = [
    "FAULTS",
    "ApplicationImage",
    "ApplicationProfile",
    "CardGone",
    "CardMute",
    "CardUnpowered",
    "ChipImage",
    "ChipProfile",
    "ChipState",
    "VirtualChip",
    "find_profile",
    "image_of",
    "parse_faults",
    "profile_names",
    "profile_of",
]
