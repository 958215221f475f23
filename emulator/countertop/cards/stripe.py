"""The magnetic stripe on the back of a card: tracks 1 and 2, with a verification value of their own (ISO/IEC 7813).

Chips have another value in their copy of the track (iCVV), so that nobody makes a stripe of what a chip tells.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from countertop.cards.card import SimulatedCard
from countertop.emv.cvv import cvv
from countertop.emv.issuer_keys import pool
from countertop.emv.tracks import Track1, Track2

NO_NAME = "CARDHOLDER/VALUED"
_NO_PVV = "00000"
# Domestic cards keep their scheme's key; the others that of their brand.
_SCHEMES = {"diners": "discover", "unknown": "girocard"}


@dataclass(frozen=True, slots=True)
class MagneticStripe:
    """What a stripe says, each track with its sentinels; empty for one that is not there or cannot be read."""

    track_1: str = field(default="", repr=False)
    track_2: str = field(default="", repr=False)
    track_3: str = field(default="", repr=False)


def stripe_of(card: SimulatedCard, service_code: str, year: int) -> MagneticStripe:
    """The stripe of a test card that is presented in ``year``."""
    month, expires = card.expiry(year)
    yymm = f"{expires % 100:02d}{month:02d}"
    digits = _NO_PVV + stripe_value(card, yymm, service_code)
    name = card.cardholder_name or NO_NAME
    track_2 = Track2(card.number, yymm, service_code, digits)
    return MagneticStripe(Track1(card.number, name, yymm, service_code, digits).text, track_2.text)


def stripe_value(card: SimulatedCard, yymm: str, service_code: str) -> str:
    """The verification value that the issuer put on the stripe (CVV, G.9)."""
    return cvv(pool().imk(scheme_of(card), "cvk"), card.number, yymm, service_code)


def scheme_of(card: SimulatedCard) -> str:
    """Whose keys a card's stripe is made with."""
    if card.issuer:
        return card.issuer
    network = card.networks[0]
    return _SCHEMES.get(network, network)
