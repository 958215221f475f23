"""The wallet: every card and phone that can be presented, one of them in hand."""

from __future__ import annotations

from typing import Any

from countertop_tui.dialogs import Choose, Offer

ORDER = {"issued": 0, "test": 1, "phone": 2}


class Wallet(Choose):
    """Answers the name of a card, as ``present`` takes it."""

    def __init__(self, cards: list[dict[str, Any]], in_hand: str) -> None:
        ordered = sorted(cards, key=lambda card: (card["card"] != in_hand, ORDER.get(card["kind"], 9)))
        super().__init__(
            "Take a card: tap, insert and swipe will use it",
            [Offer(card["card"], _line(card), card["card"] == in_hand) for card in ordered],
        )


def _line(card: dict[str, Any]) -> str:
    title = card["title"] if card["kind"] == "test" else f"{card['card']} ({card['title']})"
    return f"{card['kind']:<7}{title:<40.40} {card['number']:<21} {'/'.join(card['ways'])}"
