"""Cards of our own beside the published ones: the same numbers on other plastic, for what no published card shows."""

from __future__ import annotations

from countertop.cards.card import SimulatedCard as Card

OUR_CARDS: tuple[Card, ...] = (
    # No chip at all: the stripe is all there is, with and without a PIN.
    Card("4242424242424242", "visa_stripe", "visa", "credit", "US", chip=False),
    Card("5555555555554444", "mastercard_stripe", "mastercard", "credit", "US", chip=False),
    Card("5200828282828210", "mastercard_stripe_pin", "mastercard", "debit", "US", chip=False, service_code="106"),
    # Over the air only kernel 2's mag-stripe mode.
    Card("5555555555554444", "mastercard_stripe_mode", "mastercard", "credit", "US"),
)
