"""What a card may be and become: currency by country, states, contacts (issuing.md §3.1, §3.5, §13)."""

from __future__ import annotations

from countertop.accounts import CURRENCY_OF
from countertop.api.errors import invalid
from countertop.api.scope import Call, Document

CURRENCIES = frozenset(("usd", "eur", "gbp"))
WITH_PHONES = frozenset(("eur", "gbp"))
"""Programs whose cardholders need a phone number before they get a card."""
SECOND_LINE = 24
PROGRAM = "Your account is not set up to use Issuing. Please visit https://dashboard.stripe.com/issuing/overview"
OUTSTANDING = "This cardholder has outstanding requirements preventing them from activating an issued card"


def check_program(call: Call, currency: str) -> None:
    """Whether this account issues cards in this currency.  Raises ApiError 400 (assumed wording)."""
    own = CURRENCY_OF[call.account.country]
    if own not in CURRENCIES:
        raise invalid(PROGRAM)
    if currency != own:
        raise invalid(f"Cards of accounts in {call.account.country} are in {own}.", param="currency")


def check_holder(card_currency: str, cardholder: Document) -> None:
    """Whether this cardholder can have a card.  Raises ApiError 400."""
    if card_currency in WITH_PHONES and not cardholder["phone_number"]:
        raise invalid(
            f"You cannot create a card without a `phone_number` on file for cardholder: {cardholder['id']}",
            code="cardholder_phone_number_required",
            param="cardholder",
        )


def check_activation(cardholder: Document) -> None:
    """Whether a card of this cardholder can be active.  Raises ApiError 400."""
    if cardholder["requirements"]["past_due"]:
        raise invalid(OUTSTANDING, param="status")


def check_updatable(card: Document) -> None:
    """A canceled card stays as it is.  Raises ApiError 400."""
    if card["status"] == "canceled":
        raise invalid("Cards with status 'canceled' cannot be updated.", param="status")


def check_cancellation(params: Document) -> None:
    """A reason goes with canceling.  Raises ApiError 400."""
    if "cancellation_reason" in params and params.get("status") != "canceled":
        raise invalid("cancellation_reason can only be set when status is canceled.", param="cancellation_reason")
