"""The host of the published test cards: what a card does (terminal.md §3.1) and what an amount does (§3.2).

A card with an effect of its own does that; on every other one the last two digits of the amount decide.
They are ISO 8583 response codes where there is one.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from countertop.cards.card import SimulatedCard
from countertop.cards.catalog import card_of_number
from countertop.network.chip_checks import Chip, check_chip, chip_of
from countertop.network.host import Vault
from countertop.network.host_cards import PIN_TRIES, HostCard
from countertop.network.messages import IssuerRequest, IssuerResponse, Note, PinBlock
from countertop.network.pins import pin_of
from countertop.network.stripe_checks import check_code, check_stripe

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
    "02": ("offline_pin_required", frozenset({"offline_pin", "approval"})),
    "03": ("online_or_offline_pin_required", frozenset({"offline_pin", "online_pin", "approval"})),
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
# A cryptogram that the card's key did not make, and one that was seen before.
NOT_GENUINE = ("82", CARD_DECLINED, "generic_decline")
REPLAYED = ("94", CARD_DECLINED, "generic_decline")
# Field 39 of a contactless payment that is to be repeated with customer authentication.
PIN_REQUIRED = "1A"
# The same where nobody can enter one: not permitted to this cardholder.
NO_PIN_HERE = "57"
PSN = "01"
"""The sequence number of cards that do not say theirs."""
STRIPE_MODE_PSN = "02"
"""That of the card whose chip knows only kernel 2's mag-stripe mode, which has no place for it."""
# Verified by a PIN, or by the device that the card is in.
VERIFIED = frozenset(("offline_pin", "online_pin", "offline_pin_and_signature", "approval"))


class TestCardHost:
    """Answers for every published test card; any other number is declined as not a test card."""

    __test__ = False  # not a test class, whatever pytest makes of the name
    name = "test-cards"
    prefixes: tuple[str, ...] = ()

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def decide(self, tx: Any, request: IssuerRequest) -> IssuerResponse:
        """Answer by what the chip and the PIN prove, then by the card's effect or the amount's last two digits."""
        number = self._vault.reveal(tx, request.card_token)
        card = card_of_number(number)
        if card is None:
            return _declined("14", CARD_DECLINED, "test_mode_live_card")
        if request.kind in ("advice", "capture", "reversal"):
            self._follow(tx, number, request)
            return _approved(request)
        if not (request.emv or request.track or request.pin is not None):
            return self._about(card, request)
        return self._met(tx, card, number, request)

    def send_script(self, tx: Any, token: str, name: str, *, psn: str = PSN, pin: str | None = None) -> None:
        """Have a script wait for a card's next visit online (:data:`countertop.network.host_cards.SCRIPTS`).

        ``pin``: the new one of ``change_pin``.  Raises ConfigurationError for another script.
        """
        HostCard(tx, self._vault, token, psn).queue(name, pin)

    def _follow(self, tx: Any, number: str, request: IssuerRequest) -> None:
        """What followed an authorization, or was decided in this host's stead, as far as the books are concerned."""
        chip = chip_of(request.emv, number) if request.emv and request.kind != "capture" else None
        if chip is None:
            return
        books = HostCard(tx, self._vault, request.card_token, chip.psn)
        if request.kind == "reversal":
            books.take_back()
        elif not books.seen.has(chip.atc):
            books.seen = books.seen.with_(chip.atc)
        books.save()

    def _met(self, tx: Any, card: SimulatedCard, number: str, request: IssuerRequest) -> IssuerResponse:
        """A card at a reader: is it genuine, is the PIN right, then the account; a chip hears who decided."""
        chip = chip_of(request.emv, number) if request.emv else None
        stripe_mode = request.read_method == "contactless_magstripe_mode"
        psn = chip.psn if chip else STRIPE_MODE_PSN if stripe_mode else PSN
        books = HostCard(tx, self._vault, request.card_token, psn)
        refusal, notes = self._genuine(tx, books, chip, card, number, request)
        answer = refusal
        if answer is None and request.pin is not None:
            answer, pin_note = _check_pin(books, card, request.pin, number)
            notes = (*notes, pin_note)
        answer = answer or self._about(card, request)
        emv = b""
        if chip is not None:
            books.pin_wanted_for = chip.atc if answer.response_code == PIN_REQUIRED else None
            emv = chip.answer(approved=answer.approved, response_code=answer.response_code)
            if refusal is None and not request.over_the_air:
                emv += books.deliver(chip, card.pin)
        books.save()
        return replace(answer, emv=emv.hex().upper(), notes=notes)

    def _genuine(
        self, tx: Any, books: HostCard, chip: Chip | None, card: SimulatedCard, number: str, request: IssuerRequest
    ) -> tuple[IssuerResponse | None, tuple[Note, ...]]:
        """A decline for a card that somebody made up, or a payment that was seen before; and what was found."""
        if request.emv:
            genuine, notes = check_chip(chip, books.seen, books.pin_wanted_for if request.pin else None)
            if chip is not None and genuine:
                books.seen = books.seen.with_(chip.atc)
            if genuine:
                return None, notes
            return _declined(*(REPLAYED if notes[-1][1] == "replayed" else NOT_GENUINE)), notes
        if not request.track:
            return None, ()
        track = self._vault.open(tx, request.track)
        if request.read_method != "contactless_magstripe_mode":
            good, note = check_stripe(card, track)
            return (None if good else _declined(*NOT_GENUINE)), (note,)
        counter, note = check_code(number, STRIPE_MODE_PSN, track, books.seen)
        if counter is None:
            return _declined(*NOT_GENUINE), (note,)
        if books.seen.has(counter):
            replayed: Note = ("transaction counter", "replayed", f"{counter} after {books.seen.highest}")
            return _declined(*REPLAYED), (note, replayed)
        books.seen = books.seen.with_(counter)
        return None, (note,)

    def _about(self, card: SimulatedCard, request: IssuerRequest) -> IssuerResponse:
        """The account behind the card."""
        if request.kind == "refund":
            later = "expired_or_canceled_card" if card.effect == "refund_fail" else None
            return _by_amount(card, request) or _approved(request, later)
        if request.kind == "verification":
            return _by_card(card, request) or _approved(request)
        return _by_card(card, request) or _by_amount(card, request) or _by_pin(card, request) or _approved(request)


def _check_pin(books: HostCard, card: SimulatedCard, sent: PinBlock, number: str) -> tuple[IssuerResponse | None, Note]:
    """A decline for a PIN that is wrong, or was too often; and what was found."""
    if books.pin_tries == 0:
        return _declined("75", CARD_DECLINED, "pin_try_exceeded"), ("PIN", "blocked", "it was wrong too often before")
    if pin_of(sent, number) == books.pin(card.pin):
        books.pin_tries = PIN_TRIES
        return None, ("PIN", "ok", f"the block opens under key {sent.ksn}")
    books.pin_tries -= 1
    code = ("75", "pin_try_exceeded") if books.pin_tries == 0 else ("55", "incorrect_pin")
    return _declined(code[0], CARD_DECLINED, code[1]), ("PIN", "wrong", f"{books.pin_tries} tries left")


def _by_card(card: SimulatedCard, request: IssuerRequest) -> IssuerResponse | None:
    if card.effect == "soft_decline" and request.cvm not in VERIFIED:
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
    return _declined(NO_PIN_HERE if request.country in WITHOUT_PIN else PIN_REQUIRED, pin[0], pin[0])


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
