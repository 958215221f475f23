"""What an issuer checks of a track before it looks at the account: the value on the stripe, or the code for one use.

For hosts of other packages too.
"""

from __future__ import annotations

from countertop.cards.card import SimulatedCard
from countertop.cards.chip.air_files import PLACES
from countertop.cards.stripe import scheme_of
from countertop.emv.cvv import cvc3, cvv
from countertop.emv.dynamic_track import DynamicTrackError, found_in, without_digits
from countertop.emv.issuer_keys import pool
from countertop.emv.keys import icc_master_key
from countertop.emv.tracks import Track2, TrackError
from countertop.network.chip_checks import SeenCounters
from countertop.network.messages import Note

COUNTERS: int = 10**PLACES.natc
SCHEME = "mastercard"
"""The only one whose cards put a code into a track."""
_VALUE = slice(5, 8)


def check_stripe(card: SimulatedCard, track: bytes) -> tuple[bool, Note]:
    """Whether the verification value on a test card's stripe is the one that its issuer put there (CVV)."""
    return check_value(scheme_of(card), card.number, track)


def check_value(issuer: str, number: str, track: bytes) -> tuple[bool, Note]:
    """The same for the card of any issuer that the pool of keys knows."""
    try:
        read = Track2.from_equivalent(track)
    except TrackError as error:
        return False, ("stripe", "unusable", str(error))
    if read.discretionary[_VALUE] != cvv(pool().imk(issuer, "cvk"), number, read.expiry, read.service_code):
        return False, ("CVV", "wrong", "the value on the stripe is not the one for this number, expiry and code")
    return True, ("CVV", "ok", f"the value for expiry {read.expiry} and service code {read.service_code}")


def check_code(number: str, psn: str, track: bytes, seen: SeenCounters) -> tuple[int | None, Note]:
    """The transaction counter behind a track of kernel 2's mag-stripe mode, and what was found; None for a wrong code.

    The track has the counter's last digits only: of the counters that end so, the one nearest to the highest that was
    seen is meant.
    """
    try:
        found = found_in(track, PLACES)
        static = without_digits(track, PLACES)
    except DynamicTrackError as error:
        return None, ("CVC3", "unusable", str(error))
    counter = _nearest(int(found.counter), seen.highest)
    code = cvc3(icc_master_key(pool().imk(SCHEME, "cvc3"), number, psn), static, found.un, counter.to_bytes(2, "big"))
    if not code.endswith(found.code):
        return None, ("CVC3", "wrong", f"this card's key gives another code for counter {counter}")
    return counter, ("CVC3", "ok", f"code {found.code} for counter {counter} and number {found.un.hex()}")


def _nearest(digits: int, highest: int) -> int:
    counter = highest - highest % COUNTERS + digits
    if counter <= highest - COUNTERS // 2:
        counter += COUNTERS
    return min(counter, 0xFFFF)
