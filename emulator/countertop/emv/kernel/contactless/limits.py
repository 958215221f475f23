"""What sends a card from the air into the slot, or its holder to the screen of the phone (card-hardware.md F)."""

from __future__ import annotations

from types import MappingProxyType

from countertop.emv.kernel.events import Ended
from countertop.emv.kernel.reading import Refusals
from countertop.emv.kernel.terminal import Contactless
from countertop.emv.kernel.transaction import Transaction

REFUSALS: Refusals = MappingProxyType(
    {
        0x6984: ("another_interface", "another_interface", "The card wants to be inserted (6984)."),
        0x6986: ("see_phone", "see_phone", "The device wants something of its holder first (6986)."),
    }
)


def refuse_over_limit(t: Transaction, settings: Contactless, *, device: bool) -> None:
    """Raises Ended for an amount that neither card nor device is taken for over the air."""
    if exceeds(t.request.amount, settings.device_taps_up_to if device else settings.taps_up_to):
        raise Ended("another_interface", "over_limit", "The amount is too high for a contactless card.")


def exceeds(amount: int, limit: int | None) -> bool:
    """Whether an amount is over a limit that there is."""
    return limit is not None and amount > limit
