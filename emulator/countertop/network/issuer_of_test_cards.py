"""The host of the published test cards: what a card does (terminal.md §3.1) and what an amount does (§3.2).

A card with an effect of its own does that; on every other one the last two digits of the amount decide.
They are ISO 8583 response codes where there is one.
"""

from __future__ import annotations

import hashlib
from typing import Any

from countertop.cards.card import SimulatedCard
from countertop.cards.catalog import card_of_number
from countertop.network.host import Vault
from countertop.network.messages import IssuerRequest, IssuerResponse

CARD_DECLINED = "card_declined"
# Last two digits -> decline code.  Digits that are not here approve.
AMOUNT_DECLINES = {
    "01": "call_issuer",
    "05": "generic_decline",
    "55": "incorrect_pin",
    "65": "withdrawal_count_limit_exceeded",
    "75": "pin_try_exceeded",
}
# Last two digits -> the code that asks for a PIN; with one of the CVMs beside it the payment is approved.
AMOUNT_PINS: dict[str, tuple[str, frozenset[str]]] = {
    "02": ("offline_pin_required", frozenset({"offline_pin"})),
    "03": ("online_or_offline_pin_required", frozenset({"offline_pin", "online_pin"})),
}
# Markets in which nobody enters a PIN: there the amounts that ask for one stay declined.
WITHOUT_PIN = frozenset({"US"})
PIN_WANTED_CODE = {"offline_pin": "offline_pin_required", "online_pin": "online_or_offline_pin_required"}
# Effect of a card -> (ISO 8583 code, API code, decline code).
CARD_DECLINES = {
    "generic_decline": ("05", CARD_DECLINED, "generic_decline"),
    "insufficient_funds": ("51", CARD_DECLINED, "insufficient_funds"),
    "lost_card": ("41", CARD_DECLINED, "lost_card"),
    "stolen_card": ("43", CARD_DECLINED, "stolen_card"),
    "expired_card": ("54", "expired_card", "expired_card"),
    "processing_error": ("96", "processing_error", "processing_error"),
}
MESSAGES = {
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
    "incorrect_pin": "The PIN entered is incorrect.",
    "pin_try_exceeded": "The PIN was entered incorrectly too many times.",
    "withdrawal_count_limit_exceeded": "The card has been used more often than its limit allows.",
    "offline_pin_required": "Your card requires a PIN: insert the card and enter it.",
    "online_or_offline_pin_required": "Your card requires a PIN.",
    "test_mode_live_card": "Your card was declined. Test mode takes the published test cards only.",
}
PLAIN_DECLINE = "Your card was declined."
# Field 39 of a contactless payment that is to be repeated with customer authentication.
PIN_REQUIRED = "1A"


class TestCardHost:
    """Answers for every published test card; any other number is declined as not a test card."""

    __test__ = False  # not a test class, whatever pytest makes of the name
    name = "test-cards"
    prefixes: tuple[str, ...] = ()

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def decide(self, tx: Any, request: IssuerRequest) -> IssuerResponse:
        """Answer by the card's effect, or by the amount's last two digits."""
        card = card_of_number(self._vault.reveal(tx, request.card_token))
        if card is None:
            return _declined("14", CARD_DECLINED, "test_mode_live_card")
        if request.kind in ("capture", "reversal"):
            return _approved(request)
        if request.kind == "refund":
            later = "expired_or_canceled_card" if card.effect == "refund_fail" else None
            return _by_amount(card, request) or _approved(request, later)
        if request.kind == "verification":
            return _by_card(card, request) or _approved(request)
        return _by_card(card, request) or _by_amount(card, request) or _by_pin(card, request) or _approved(request)


def _by_card(card: SimulatedCard, request: IssuerRequest) -> IssuerResponse | None:
    if card.effect == "soft_decline" and request.cvm not in ("offline_pin", "online_pin"):
        code = PIN_WANTED_CODE[card.cvm]
        return _declined(PIN_REQUIRED, code, code)
    decline = CARD_DECLINES.get(card.effect)
    return _declined(*decline) if decline is not None else None


def _by_amount(card: SimulatedCard, request: IssuerRequest) -> IssuerResponse | None:
    if card.effect != "standard" or request.read_method is None:
        return None  # the amounts are for cards that are present (terminal.md §3.2)
    digits = _digits(request)
    decline = AMOUNT_DECLINES.get(digits)
    return _declined(digits, CARD_DECLINED, decline) if decline is not None else None


def _by_pin(card: SimulatedCard, request: IssuerRequest) -> IssuerResponse | None:
    """A PIN that an amount asks for: in a country without PINs nothing can satisfy it (terminal.md §3.2, §5.5)."""
    if card.effect != "standard" or request.read_method is None:
        return None
    pin = AMOUNT_PINS.get(_digits(request))
    if pin is None or (request.cvm in pin[1] and request.country not in WITHOUT_PIN):
        return None
    return _declined(PIN_REQUIRED, pin[0], pin[0])


def _digits(request: IssuerRequest) -> str:
    return f"{request.amount:02d}"[-2:]


def _approved(request: IssuerRequest, later_failure: str | None = None) -> IssuerResponse:
    # Derived from the request and not drawn from a source: a repeated request gets the same authorization
    # code.
    named = f"{request.kind}:{request.reference}:{request.card_token}"
    digest = hashlib.blake2s(named.encode(), digest_size=5).hexdigest()
    return IssuerResponse(True, "00", authorization_code=f"{int(digest, 16) % 10**6:06d}", later_failure=later_failure)


def _declined(response_code: str, code: str, decline_code: str) -> IssuerResponse:
    message = MESSAGES.get(decline_code, PLAIN_DECLINE)
    return IssuerResponse(False, response_code, code=code, decline_code=decline_code, message=message)
