"""Whether a card can be added to a phone (issuing.md §3.3)."""

from __future__ import annotations

from countertop.api.scope import Document

NAMES = ("apple_pay", "google_pay")
REGIONS = frozenset(("usd", "eur", "gbp"))


def wallets_of(card: Document, cardholder: Document) -> Document:
    """The member ``wallets``."""
    reason = None
    if card["currency"] not in REGIONS:
        reason = "unsupported_region"
    elif not (cardholder["email"] or cardholder["phone_number"]):
        reason = "missing_cardholder_contact"
    member = {"eligible": reason is None, "ineligible_reason": reason}
    return {**{name: dict(member) for name in NAMES}, "primary_account_identifier": None}
