"""What must hold before a reader takes an action: the intent, the place (terminal.md §2.4, §5)."""

from __future__ import annotations

from countertop.accounts import CURRENCY_OF
from countertop.api.errors import invalid
from countertop.api.scope import Call, Document, Scope
from countertop.services.terminal.running import KIND

IN_PERSON = ("card_present", "interac_present")


def reader_of(call: Call) -> Document:
    """The reader that the call's path names.  Raises ApiError 404."""
    return call.fetch(KIND, call.path["reader"], param="reader", in_path=True)


def check_intent(intent: Document) -> None:
    """Raises ApiError 400 unless a reader may take a card for this PaymentIntent."""
    if intent["status"] != "requires_payment_method":
        raise invalid(
            f"This PaymentIntent has status {intent['status']}: it must be in requires_payment_method to be processed "
            "by a reader.",
            code="intent_invalid_state",
            param="payment_intent",
        )
    if not any(kind in intent["payment_method_types"] for kind in IN_PERSON):
        raise invalid(
            "The PaymentIntent must have card_present in its payment_method_types to be processed by a reader.",
            param="payment_intent",
        )


def check_country(scope: Scope, reader: Document) -> None:
    """Raises ApiError 400 unless the reader stands in the account's country (terminal.md §5)."""
    location = scope.get("terminal.location", reader["location"]) if reader["location"] else None
    country = location["address"]["country"] if location else None
    if country != scope.account.country:
        raise invalid(
            f"The reader's location is in {country or 'no country'}, the account in {scope.account.country}: register "
            "the reader to a location in the account's country.",
            code="terminal_reader_invalid_location_for_payment",
        )


def check_currency(scope: Scope, currency: str) -> None:
    """Raises ApiError 400 unless the currency is the local one (terminal.md §5)."""
    country = scope.account.country
    if currency != CURRENCY_OF[country]:
        raise invalid(
            f"Readers in {country} take payments in {CURRENCY_OF[country]}, this one is in {currency}.",
            param="currency",
        )
