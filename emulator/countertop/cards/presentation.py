"""A card and how it is held to the reader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from countertop.cards.card import SimulatedCard
from countertop.cards.distant import DistantCard
from countertop.cards.link import CardLink
from countertop.cards.stripe import MagneticStripe

Interface = Literal["insert", "tap", "swipe", "key"]
Device = Literal["verified", "locked", "express"]
"""What a phone knows of its holder: verified him, waits for that, or goes without at the gates of public transport."""


@dataclass(frozen=True, slots=True)
class Presentation:
    """``interface`` says how; ``card`` is a simulated card, a link to a chip (insert and tap), one on somebody's
    bench, or a stripe (swipe).

    ``faults``: what is wrong with a simulated card's chip, by name (``countertop.cards.chip.faults``).  ``device``: of
    a card in a phone.  ``beside``: how many other cards are in the field with it.
    ``guest``: it comes from a real device, and may be somebody's own.
    """

    interface: Interface
    card: SimulatedCard | CardLink | DistantCard | MagneticStripe
    faults: tuple[str, ...] = ()
    device: Device = "verified"
    beside: int = 0
    guest: bool = False


def usual_interface(card: SimulatedCard) -> Interface:
    """How a customer usually presents this card: PIN cards go into the slot, the others are tapped.

    Cards that are to be refused contactless first (``*_sca_retry``) are tapped; those without a chip are swiped.
    """
    if not card.chip:
        return "swipe"
    return "insert" if card.cvm != "none" and card.effect != "soft_decline" else "tap"
