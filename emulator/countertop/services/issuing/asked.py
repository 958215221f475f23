"""What a merchant asks of a card, before anybody decided: from a test helper's parameters, or from a reader."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from countertop.api.errors import invalid
from countertop.api.scope import Document, Scope
from countertop.services.issuing import categories
from countertop.services.issuing.rates import convert

if TYPE_CHECKING:
    from countertop.services.issuing.room import Issuing

# What recordings show when a helper's call names nothing (issuing.md §6.1); name and category are assumed.
NAME, CATEGORY = "Rocket Rides", "taxicabs_limousines"
PLACE = {"city": "San Francisco", "country": "US", "postal_code": "94103", "state": "CA"}
NETWORK_ID, TERMINAL_ID, URL = "1234567890", "99999999", "https://rocketrides.io/"
INSTITUTION, TRACE = "123456", "1234567890"
RISK_SCORE = 10
LEAST_SCORE, MOST_SCORE = 1, 99
PRESENT = frozenset(("chip", "contactless", "swipe"))
CHECKS = ("address_line1_check", "address_postal_code_check", "cvc_check")


@dataclass(frozen=True, slots=True)
class Asked:
    """One question.

    ``amount`` is minor units of ``currency``, the card's; ``merchant_amount`` minor units of ``merchant_currency``.
    The hashes are in the API's own shape.  ``method``: chip, contactless, keyed_in, online, swipe.  ``token``: the id
    of the wallet's token.  ``refusal``: why the issuer's checks at a reader failed, a reason of §6.4, or None.
    """

    card: str
    amount: int
    currency: str
    merchant_amount: int
    merchant_currency: str
    merchant_data: Document
    method: str = "online"
    verification_data: Document = field(default_factory=dict)
    network_data: Document = field(default_factory=dict)
    wallet: str | None = None
    token: str | None = None
    is_amount_controllable: bool = False
    amount_details: Document | None = None
    fleet: Document | None = None
    fuel: Document | None = None
    network_risk_score: int | None = RISK_SCORE
    refusal: str | None = None

    @property
    def presence(self) -> str:
        """``present`` or ``not_present``."""
        return presence_of(self.method)

    @property
    def category(self) -> str:
        """The merchant's category."""
        return str(self.merchant_data["category"])


def presence_of(method: str) -> str:
    """Whether a card read by this method was there: ``present`` or ``not_present``."""
    return "present" if method in PRESENT else "not_present"


def asked_from(room: Issuing, scope: Scope, card: Document, params: Document) -> Asked:
    """What the parameters of the test helper ask of a stored card.  Raises ApiError 400 for amounts that cannot be."""
    amount, merchant_amount, merchant_currency = amounts_from(room, scope, card["currency"], params)
    details = {"atm_fee": None, "cashback_amount": 0} | params.get("amount_details", {})
    return Asked(
        card=card["id"],
        amount=amount,
        currency=card["currency"],
        merchant_amount=merchant_amount,
        merchant_currency=merchant_currency,
        merchant_data=merchant_data_from(params.get("merchant_data", {})),
        method=params.get("authorization_method", "online"),
        verification_data=verification_data_from(params.get("verification_data", {})),
        network_data={
            "acquiring_institution_id": params.get("network_data", {}).get("acquiring_institution_id", INSTITUTION),
            "system_trace_audit_number": TRACE,
            "transaction_id": f"test_{scope.ids.digits(15)}",
        },
        wallet=params.get("wallet"),
        token=_token_in(scope, card["id"], params.get("wallet")),
        is_amount_controllable=params.get("is_amount_controllable", False),
        amount_details=details,
        fleet=params.get("fleet"),
        fuel=params.get("fuel"),
        network_risk_score=_risk_score(params),
    )


def amounts_from(room: Issuing, scope: Scope, currency: str, params: Document) -> tuple[int, int, str]:
    """(amount in ``currency``, merchant_amount, merchant_currency), of which any one amount gives the other.

    An amount in another currency than the card's is the merchant's.  Raises ApiError 400 for no amount at all, and
    for one below zero.
    """
    given: int | None = params.get("amount")
    merchant_given: int | None = params.get("merchant_amount")
    for name, value in (("amount", given), ("merchant_amount", merchant_given)):
        if value is not None and value < 0:
            raise invalid("Invalid non-negative integer", code="parameter_invalid_integer", param=name)
    rates = room.settings(scope).rates
    given_currency = str(params.get("currency", currency)).lower()
    merchant_currency = str(params.get("merchant_currency", given_currency)).lower()
    if given is None:
        if merchant_given is None:
            raise invalid("Missing required param: amount.", code="parameter_missing", param="amount")
        return convert(merchant_given, merchant_currency, currency, rates), merchant_given, merchant_currency
    amount = convert(given, given_currency, currency, rates)
    if merchant_given is None:
        merchant_given = convert(given, given_currency, merchant_currency, rates)
    return amount, merchant_given, merchant_currency


def merchant_data_from(given: Document) -> Document:
    """``merchant_data`` of the API's shape; what is not given is as in recordings of the test mode."""
    category = given.get("category", CATEGORY)
    return {
        "category": category,
        "category_code": categories.code_of(category),
        **{name: given.get(name, usual) for name, usual in PLACE.items()},
        "name": given.get("name", NAME),
        "network_id": given.get("network_id", NETWORK_ID),
        "tax_id": None,
        "terminal_id": given.get("terminal_id", TERMINAL_ID),
        "url": given.get("url", URL),
    }


def verification_data_from(given: Document) -> Document:
    """``verification_data`` of the API's shape; nothing was provided but an expiry date that matches."""
    return {
        **{name: given.get(name, "not_provided") for name in CHECKS},
        "authentication_exemption": given.get("authentication_exemption"),
        "expiry_check": given.get("expiry_check", "match"),
        "postal_code": PLACE["postal_code"],
        "three_d_secure": given.get("three_d_secure"),
    }


def _token_in(scope: Scope, card: str, wallet: str | None) -> str | None:
    """The newest active token of a card in a wallet; None without a wallet, or when the card was never added to it."""
    if wallet is None:
        return None
    where = {"card": card, "status": "active", "wallet_provider": wallet}
    return next((name for name, _ in scope.tx.each(scope.account.id, "issuing.token", where=where)), None)


def _risk_score(params: Document) -> int:
    score: float | None = params.get("risk_assessment", {}).get("fraud_risk", {}).get("score")
    if score is None:
        return RISK_SCORE
    if not 0 <= score <= 100:
        raise invalid("The score of a risk is between 0 and 100.", param="risk_assessment[fraud_risk][score]")
    return min(max(round(score), LEAST_SCORE), MOST_SCORE)
