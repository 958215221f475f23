"""Test cards by name or number.  Only cards of the published table can be presented to a simulated reader.

Beside them stand a few of our own on other plastic, and every card in a phone: ``apple_pay:visa``.
"""

from __future__ import annotations

import difflib

from countertop.cards.card import SimulatedCard
from countertop.cards.numbers import is_valid_number, mask
from countertop.cards.ours import OUR_CARDS
from countertop.cards.published import TEST_CARDS
from countertop.cards.wallets import SEPARATOR, WALLETS, device_card, device_cards, fits_a_wallet
from countertop.errors import CountertopError

DEFAULT_CARD = "visa"
DEFAULT_INTERAC_CARD = "interac"
_BY_NAME = {card.name: card for card in (*TEST_CARDS, *OUR_CARDS)}
# The first card of a number wins: visa_us_common_debit shares the number of visa_debit.
_BY_NUMBER = {card.number: card for card in reversed(TEST_CARDS)}


class UnknownCard(CountertopError, LookupError):
    """No test card has this name or number."""


def all_cards() -> tuple[SimulatedCard, ...]:
    """Every test card, in the order of the published table."""
    return TEST_CARDS


def find_card(name_or_number: str) -> SimulatedCard:
    """The test card of this name (``visa``, in a phone ``apple_pay:visa``) or number (spaces and hyphens allowed).

    Raises UnknownCard naming the nearest ones; the message never holds a whole number.
    """
    text = name_or_number.strip()
    number = text.replace(" ", "").replace("-", "")
    if number.isdigit():
        card = _BY_NUMBER.get(number)
        if card is None:
            raise _unknown_number(number)
        return card
    name = text.lower().replace("-", "_")
    if SEPARATOR in name:
        return phone_card(*name.split(SEPARATOR, 1))
    card = _BY_NAME.get(name)
    if card is None:
        near = difflib.get_close_matches(text.lower(), _BY_NAME, n=3, cutoff=0.5)
        hint = f"Did you mean {' or '.join(near)}?" if near else f"There are: {', '.join(_BY_NAME)}"
        raise UnknownCard(f"There is no test card called {text[:60]!r}.", hint)
    return card


def card_of_number(number: str) -> SimulatedCard | None:
    """The test card with this number, in a phone maybe, or None."""
    return _BY_NUMBER.get(number) or device_cards().get(number)


def phone_card(wallet: str, card: str) -> SimulatedCard:
    """A test card as it is in a phone.  Raises UnknownCard for a wallet that there is not, or that does not take it."""
    behind, known = find_card(card), WALLETS.get(wallet)
    if known is None:
        raise UnknownCard(f"There is no wallet {wallet[:40]!r}.", f"There are: {', '.join(WALLETS)}")
    if not fits_a_wallet(behind):
        raise UnknownCard(
            f"{known.title} does not take {behind.name}.", "Visa, Mastercard, Amex and Discover cards fit."
        )
    return device_card(behind, known)


def _unknown_number(number: str) -> UnknownCard:
    problem = f"{mask(number)} is not a test card"
    if not is_valid_number(number):
        problem += " (nor a card number at all: its length or check digit is wrong)"
    near = [card for card in TEST_CARDS if card.number[:4] == number[:4] or card.last4 == number[-4:]][:3]
    names = ", ".join(f"{card.name} {card.shown}" for card in near) or "visa 424242******4242, for one"
    return UnknownCard(f"{problem}.", f"Only published test cards can be presented; near it: {names}.")
