"""What the issuer checks of an issued card at a reader, before anybody decides: cryptogram, stripe, PIN."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from countertop.cards.issued import ISSUER
from countertop.network.chip_checks import check_chip, chip_of
from countertop.network.host_cards import PIN_TRIES, HostCard
from countertop.network.messages import IssuerRequest, IssuerResponse, Note
from countertop.network.pins import pin_of
from countertop.network.stripe_checks import check_value

if TYPE_CHECKING:
    from countertop.vault import Vault

NO_SEQUENCE = "01"
# What a stripe of a card with a chip is read for only when somebody broke the chip, or the card.
FALLBACK = "magnetic_stripe_fallback"
CODES = {"wrong_pin": ("55", "incorrect_pin"), "pin_blocked": ("75", "pin_try_exceeded")}


class Genuine:
    """The checks of one request.  ``refusal``: the reason of an authorization's decline (issuing.md §6.4), or None."""

    def __init__(self, vault: Vault, tx: Any, request: IssuerRequest, pin: str) -> None:
        self._vault = vault
        self._request = request
        self._number = vault.reveal(tx, request.card_token)
        self._chip = chip_of(request.emv, self._number, ISSUER) if request.emv else None
        self._books = self._books_in(tx)
        self._pin_code: tuple[str, str] | None = None
        self.notes: list[Note] = []
        self.refusal = self._card(tx) or self._check_pin(pin)
        self._books.save()

    def answer(self, said: IssuerResponse) -> IssuerResponse:
        """The host's answer, in the words that the chip understands; a script that waits goes along."""
        if self._pin_code is not None and not said.approved:
            said = replace(said, response_code=self._pin_code[0], decline_code=self._pin_code[1])
        emv = b""
        if self._chip is not None:
            emv = self._chip.answer(approved=said.approved, response_code=said.response_code)
        return replace(said, emv=emv.hex().upper(), notes=tuple(self.notes))

    def _books_in(self, tx: Any) -> HostCard:
        psn = self._chip.psn if self._chip is not None else NO_SEQUENCE
        return HostCard(tx, self._vault, self._request.card_token, psn)

    def _card(self, tx: Any) -> str | None:
        if self._request.emv:
            good, notes = check_chip(self._chip, self._books.seen)
            self.notes.extend(notes)
            if self._chip is not None and good:
                self._books.seen = self._books.seen.with_(self._chip.atc)
            return None if good else "verification_failed"
        if not self._request.track:
            return None
        good, note = check_value(ISSUER, self._number, self._vault.open(tx, self._request.track))
        self.notes.append(note)
        if not good:
            return "verification_failed"
        return "insecure_authorization_method" if self._request.read_method == FALLBACK else None

    def _check_pin(self, pin: str) -> str | None:
        sent = self._request.pin
        if sent is None:
            return None
        books = self._books
        if books.pin_tries == 0:
            self.notes.append(("PIN", "blocked", "it was wrong too often before"))
            self._pin_code = CODES["pin_blocked"]
            return "pin_blocked"
        if pin_of(sent, self._number) == books.pin(pin):
            books.pin_tries = PIN_TRIES
            self.notes.append(("PIN", "ok", f"the block opens under key {sent.ksn}"))
            return None
        books.pin_tries -= 1
        self.notes.append(("PIN", "wrong", f"{books.pin_tries} tries left"))
        self._pin_code = CODES["wrong_pin"] if books.pin_tries else CODES["pin_blocked"]
        return "verification_failed" if books.pin_tries else "pin_blocked"
