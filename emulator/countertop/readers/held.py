"""The card that a customer at a device holds in his hand."""

from __future__ import annotations

from dataclasses import dataclass

from countertop.cards import Device, SimulatedCard


@dataclass(frozen=True, slots=True)
class Held:
    """One of our cards, and what is wrong with its chip.  ``device``: of one in a phone."""

    card: SimulatedCard
    faults: tuple[str, ...] = ()
    device: Device = "verified"
