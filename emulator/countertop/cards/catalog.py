"""Test cards by name or number.  Only cards of the published table can be presented to a simulated reader."""

from __future__ import annotations

import difflib

from countertop.cards.card import SimulatedCard
from countertop.cards.numbers import is_valid_number, mask
from countertop.cards.published import TEST_CARDS
from countertop.errors import CountertopError

DEFAULT_CARD = "visa"
DEFAULT_INTERAC_CARD = "interac"
_BY_NAME = {card.name: card for card in TEST_CARDS}
# The first card of a number wins: visa_us_common_debit shares the number of visa_debit.
_BY_NUMBER = {card.number: card for card in reversed(TEST_CARDS)}


class UnknownCard(CountertopError, LookupError):
    """No test card has this name or number."""


def all_cards() -> tuple[SimulatedCard, ...]:
    """Every test card, in the order of the published table."""
    return TEST_CARDS


def find_card(name_or_number: str) -> SimulatedCard:
    """The test card of this name (``visa``) or number (spaces and hyphens allowed).

    Raises UnknownCard naming the nearest ones; the message never holds a whole number.
    """
    text = name_or_number.strip()
    number = text.replace(" ", "").replace("-", "")
    if number.isdigit():
        card = _BY_NUMBER.get(number)
        if card is None:
            raise _unknown_number(number)
        return card
    card = _BY_NAME.get(text.lower().replace("-", "_"))
    if card is None:
        near = difflib.get_close_matches(text.lower(), _BY_NAME, n=3, cutoff=0.5)
        hint = f"Did you mean {' or '.join(near)}?" if near else f"There are: {', '.join(_BY_NAME)}"
        raise UnknownCard(f"There is no test card called {text[:60]!r}.", hint)
    return card


def card_of_number(number: str) -> SimulatedCard | None:
    """The test card with this number, or None."""
    return _BY_NUMBER.get(number)


def _unknown_number(number: str) -> UnknownCard:
    problem = f"{mask(number)} is not a test card"
    if not is_valid_number(number):
        problem += " (nor a card number at all: its length or check digit is wrong)"
    near = [card for card in TEST_CARDS if card.number[:4] == number[:4] or card.last4 == number[-4:]][:3]
    names = ", ".join(f"{card.name} {card.shown}" for card in near) or "visa 424242******4242, for one"
    return UnknownCard(f"{problem}.", f"Only published test cards can be presented; near it: {names}.")
