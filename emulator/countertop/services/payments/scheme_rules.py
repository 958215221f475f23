"""What the card schemes allow after an authorization at a reader, by brand and line of business (terminal.md §2.6).

Lines of business are merchant category codes (ISO 18245).  Where the facts name a business in words, the codes are an
assumption (docs/assumptions.md).
"""

from __future__ import annotations

from countertop.api.scope import Document
from countertop.services.payments.networks import SINGLE_MESSAGE

DAY_S = 86_400
HOUR_S = 3_600
IN_PERSON_S, TYPED_IN_S = 2 * DAY_S, 7 * DAY_S
WINDOW_S = {"visa": 5 * DAY_S}
LONGEST_S = 30 * DAY_S
VISA_LONG_S = 29 * DAY_S + 18 * HOUR_S
VISA_MIDDLE_S = 9 * DAY_S + 18 * HOUR_S

# Tips on the receipt: taxis and limousines, restaurants, bars, fast food, beauty and barber shops, spas.
TIPPED_MCCS = frozenset(("4121", "5812", "5813", "5814", "7230", "7298"))
TIPPED_BRANDS = ("amex", "discover", "mastercard", "visa")
LEAST_TIP_ROOM = 5_000

# Rentals but of vehicles, and trailer parks.
OTHER_RENTAL_MCCS = frozenset(("7033", "7394", "7513", "7519"))
# Airlines, railways, buses, agencies and ferries: travel beyond lodging and rental.
TRAVEL_MCCS = frozenset(("4111", "4112", "4131", "4411", "4511", "4722"))


def lodging(mcc: str) -> bool:
    """Hotels, motels and resorts; the chains among them have codes of their own."""
    return mcc == "7011" or "3501" <= mcc <= "3999"


def vehicle_rental(mcc: str) -> bool:
    """Car rental; the agencies among them have codes of their own."""
    return mcc == "7512" or "3351" <= mcc <= "3500"


def travels(mcc: str) -> bool:
    """Lodging, rental and travel: the list of Discover."""
    return lodging(mcc) or vehicle_rental(mcc) or mcc in TRAVEL_MCCS or mcc in OTHER_RENTAL_MCCS


def capture_window_s(brand: str, mcc: str, *, in_person: bool, extended: bool = False) -> int:
    """How long an authorization can be captured, in seconds.

    In person two days, for Visa five; typed in, a week.  ``extended``: up to thirty days, where the scheme knows that
    for this line of business.
    """
    if not in_person:
        return TYPED_IN_S
    return (_extended_s(brand, mcc) if extended else None) or WINDOW_S.get(brand, IN_PERSON_S)


def can_increase(brand: str, network: str | None, mcc: str) -> bool:
    """Whether the scheme lets an authorization be raised."""
    if network in SINGLE_MESSAGE:
        return False
    return brand in ("amex", "mastercard", "visa") or (brand == "discover" and travels(mcc))


def can_overcapture(brand: str, network: str | None, mcc: str, country: str) -> bool:
    """Whether more than was authorized may be captured, as a tip on the receipt."""
    return country == "US" and mcc in TIPPED_MCCS and brand in TIPPED_BRANDS and network not in SINGLE_MESSAGE


def most_capturable(charge: Document) -> int:
    """The largest amount (minor units) that a held charge can be captured with without asking its issuer again.

    With a tip on the receipt: half more, or fifty dollars more, whichever is larger.
    """
    authorized: int = charge["amount"]
    details = charge["payment_method_details"].get("card_present") or {}
    if not details.get("overcapture_supported"):
        return authorized
    return authorized + max(authorized // 2, LEAST_TIP_ROOM)


def _extended_s(brand: str, mcc: str) -> int | None:
    if brand == "visa":
        if lodging(mcc) or vehicle_rental(mcc) or mcc == "4411":
            return VISA_LONG_S
        return VISA_MIDDLE_S if mcc in OTHER_RENTAL_MCCS else None
    if brand == "mastercard":
        return LONGEST_S
    if brand == "amex":
        return LONGEST_S if lodging(mcc) or vehicle_rental(mcc) else None
    return LONGEST_S if brand == "discover" and travels(mcc) else None
