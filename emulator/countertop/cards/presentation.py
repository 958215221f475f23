"""A card and how it is held to the reader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from countertop.cards.card import SimulatedCard
from countertop.cards.link import CardLink

Interface = Literal["insert", "tap", "swipe", "key"]


@dataclass(frozen=True, slots=True)
class Presentation:
    """``interface`` says how; ``card`` is a simulated card, or a link to a chip (insert and tap only).

    ``faults``: what is wrong with a simulated card's chip, by name (``countertop.cards.chip.faults``).
    """

    interface: Interface
    card: SimulatedCard | CardLink
    faults: tuple[str, ...] = ()


def usual_interface(card: SimulatedCard) -> Interface:
    """How a customer usually presents this card: PIN cards go into the slot, the others are tapped.

    Cards that are to be refused contactless first (``*_sca_retry``) are tapped.
    """
    return "insert" if card.cvm != "none" and card.effect != "soft_decline" else "tap"
