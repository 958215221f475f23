"""Checking the spending controls that a card or a cardholder is given (issuing.md §7)."""

from __future__ import annotations

from countertop.api.errors import invalid
from countertop.api.scope import Document
from countertop.iso_codes import CURRENCIES

PREFIXES = ("allowed_", "blocked_")
LISTS = ("categories", "merchant_countries", "card_presences")
CURRENCY = "spending_limits_currency"
LIMITS = "spending_limits"
COUNTRY_LETTERS = 2


def checked(params: Document, *, on_card: bool, currency: str, before: Document | None = None) -> Document:
    """Spending controls with the given members put in; a list that is given empty is unset.

    ``before``: what there was, on an update.  ``currency``: the card's, or that of the account's country.  Unset lists
    are null on a card and empty on a cardholder.  Raises ApiError 400 for what cannot be together.
    """
    if on_card and CURRENCY in params:
        name = f"spending_controls[{CURRENCY}]"
        raise invalid(f"Received unknown parameter: {name}", code="parameter_unknown", param=name)
    unset: list[str] | None = None if on_card else []
    controls: Document = {f"{prefix}{name}": unset for prefix in PREFIXES for name in LISTS}
    controls |= {LIMITS: [], CURRENCY: None}
    if before is not None:
        controls |= before
    for name, value in params.items():
        if name not in controls:
            continue
        if name == LIMITS:
            controls[name] = [_limit(index, limit) for index, limit in enumerate(value or ())]
        elif name == CURRENCY:
            controls[name] = _currency(value)
        elif name.endswith("_merchant_countries"):
            controls[name] = [_country(name, index, one) for index, one in enumerate(value or ())] or unset
        else:
            controls[name] = list(value) if value else unset
    _check_exclusive(controls)
    if not controls[LIMITS]:
        # A cardholder's own choice of a currency stays; a card shows one only beside its limits.
        controls[CURRENCY] = None if on_card else controls[CURRENCY]
    elif on_card or controls[CURRENCY] is None:
        controls[CURRENCY] = currency
    return controls


def _limit(index: int, limit: Document) -> Document:
    if limit["amount"] < 0:
        name = f"spending_controls[{LIMITS}][{index}][amount]"
        raise invalid("Invalid non-negative integer", code="parameter_invalid_integer", param=name)
    return {
        "amount": limit["amount"],
        "categories": list(limit.get("categories") or ()),
        "interval": limit["interval"],
    }


def _country(name: str, index: int, value: str) -> str:
    if not (len(value) == COUNTRY_LETTERS and value.isascii() and value.isalpha()):
        param = f"spending_controls[{name}][{index}]"
        raise invalid(f"Country '{value[:20]}' is unknown. Try using a 2-character country code.", param=param)
    return value.upper()


def _currency(value: str | None) -> str | None:
    if not value:
        return None
    if value.lower() not in CURRENCIES:
        raise invalid(f"Invalid currency: {value[:20]}.", param=f"spending_controls[{CURRENCY}]")
    return value.lower()


def _check_exclusive(controls: Document) -> None:
    for name in LISTS:
        if controls[f"allowed_{name}"] and controls[f"blocked_{name}"]:
            raise invalid(
                f"You cannot set both allowed_{name} and blocked_{name}. Unset one of them with an empty value.",
                code="parameters_exclusive",
                param=f"spending_controls[blocked_{name}]",
            )
