"""Authorizations as stored, as shown, and what every change of one has to keep in step (issuing.md §6.2).

A stored one names its card, transactions and balance transactions by id; a shown one embeds them whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from countertop.api.errors import ApiError, invalid
from countertop.api.scope import Call, Document, Scope
from countertop.api.shape import complete
from countertop.services.issuing import card_objects, issuing_balance, transaction_objects
from countertop.services.issuing.asked import presence_of
from countertop.services.issuing.room import save_shown
from countertop.services.payments.balance import TRANSACTION

if TYPE_CHECKING:
    from countertop.services.issuing.asked import Asked

KIND = "issuing.authorization"
CREATED, UPDATED = "issuing_authorization.created", "issuing_authorization.updated"
INCLUDED = "fraud_challenges"
GROWING = ("balance_transactions", "transactions")
CODE_DIGITS = 6


def show(scope: Scope, authorization: Document) -> Document:
    """A stored authorization as the API shows it; fraud challenges only where ``expand`` names them."""
    shown = in_event(scope, authorization)
    if isinstance(scope, Call) and (scope.expands(INCLUDED) or scope.expands(f"data.{INCLUDED}")):
        shown[INCLUDED] = authorization.get(INCLUDED)
    transactions = [scope.fetch(transaction_objects.KIND, name) for name in authorization["transactions"]]
    return shown | {"transactions": [transaction_objects.show(scope, one) for one in transactions]}


def in_event(scope: Scope, authorization: Document) -> Document:
    """A stored authorization as events show it: with its card, and the money that moved, embedded."""
    transactions = [scope.fetch(transaction_objects.KIND, name) for name in authorization["transactions"]]
    shown = authorization | {
        "balance_transactions": [scope.fetch(TRANSACTION, name) for name in authorization["balance_transactions"]],
        "card": card_objects.show(scope, scope.fetch(card_objects.KIND, authorization["card"])),
        "transactions": [transaction_objects.in_event(scope, one) for one in transactions],
    }
    shown.pop(INCLUDED, None)
    return shown


def new(scope: Scope, asked: Asked, cardholder: str) -> Document:
    """The stored form of a question that nobody has decided yet; it is not written."""
    return completed(
        {
            "id": scope.new_id(KIND),
            "object": KIND,
            "amount": 0,
            "amount_details": asked.amount_details,
            "approved": False,
            "authorization_method": asked.method,
            "balance_transactions": [],
            "card": asked.card,
            "card_presence": presence_of(asked.method),
            "cardholder": cardholder,
            "created": scope.now,
            "currency": asked.currency,
            "fleet": asked.fleet,
            "fuel": asked.fuel,
            "livemode": False,
            "merchant_amount": 0,
            "merchant_currency": asked.merchant_currency,
            "merchant_data": asked.merchant_data,
            "network_data": asked.network_data or None,
            "pending_request": pending_request(asked),
            "request_history": [],
            "status": "pending",
            "token": asked.token,
            "transactions": [],
            "verification_data": asked.verification_data,
            "verified_by_fraud_challenge": False,
            "wallet": asked.wallet,
        },
    )


def completed(authorization: Document) -> Document:
    """A copy with every member, in its hashes too; its card stays an id."""
    return complete(KIND, authorization)


def pending_request(asked: Asked) -> Document:
    """``pending_request``: what is asked and not decided yet."""
    return {
        "amount": asked.amount,
        "amount_details": asked.amount_details,
        "currency": asked.currency,
        "is_amount_controllable": asked.is_amount_controllable,
        "merchant_amount": asked.merchant_amount,
        "merchant_currency": asked.merchant_currency,
        "network_risk_score": asked.network_risk_score,
    }


def history(
    scope: Scope, pending: Document, *, amount: int, merchant_amount: int, approved: bool, reason: str, why: str | None
) -> Document:
    """The entry of ``request_history`` for a decision on ``pending_request``."""
    members = ("amount_details", "currency", "merchant_currency", "network_risk_score")
    return {name: pending[name] for name in members} | {
        "amount": amount,
        "approved": approved,
        "authorization_code": f"S{scope.ids.digits(CODE_DIGITS)}" if approved else None,
        "created": scope.now,
        "merchant_amount": merchant_amount,
        "reason": reason,
        "reason_message": why,
        "requested_at": scope.now,
    }


def save(scope: Scope, authorization: Document, event: str | None, before: Document | None = None) -> Document:
    """Write an authorization and, when named, its event.

    ``previous_attributes`` leave out the lists that only grow, as recordings show, unless nothing else changed.
    """
    if before is not None:
        trimmed = before | {name: authorization[name] for name in GROWING}
        before = before if trimmed == authorization else trimmed
    save_shown(scope, in_event, authorization, event, before)
    return authorization


def open_hold(scope: Scope, authorization: Document) -> int:
    """What is still held for an authorization, minor units."""
    return -sum(int(scope.fetch(TRANSACTION, name)["net"]) for name in authorization["balance_transactions"])


def hold(scope: Scope, authorization: Document, amount: int) -> None:
    """Hold ``amount`` more; nothing is held for nothing."""
    if amount > 0:
        _book(scope, authorization, "issuing_authorization_hold", -amount, issuing_balance.HOLD)


def release(scope: Scope, authorization: Document, amount: int, why: str) -> None:
    """Let go of ``amount`` of what is held.  ``why``: capture, reversal, expiration."""
    if amount > 0:
        description = issuing_balance.RELEASED.format(why=why)
        _book(scope, authorization, "issuing_authorization_release", amount, description)


def last_code(authorization: Document) -> str | None:
    """The authorization code of the last approval."""
    codes = [entry["authorization_code"] for entry in authorization["request_history"] if entry["approved"]]
    return codes[-1] if codes else None


def of_path(call: Call) -> Document:
    """The authorization that a call's path names.  Raises ApiError 404."""
    return call.fetch(KIND, call.path["authorization"], param="authorization", in_path=True)


def positive(params: Document, name: str) -> int | None:
    """An amount that a call may give.  Raises ApiError 400 for one that is not above zero."""
    amount: int | None = params.get(name)
    if amount is not None and amount <= 0:
        raise invalid(f"{name} must be greater than 0.", code="parameter_invalid_integer", param=name)
    return amount


def require_open(authorization: Document, what: str) -> None:
    """Raises ApiError 400, naming the state, for an authorization that is not approved and pending."""
    if not authorization["approved"] or authorization["status"] != "pending":
        raise wrong_state(authorization, what)


def wrong_state(authorization: Document, what: str) -> ApiError:
    """The refusal of something that this authorization's state does not allow."""
    state = authorization["status"] if authorization["approved"] else "declined"
    return invalid(f"The authorization {authorization['id']} is {state} and cannot be {what}.")


def _book(scope: Scope, authorization: Document, kind: issuing_balance.Kind, amount: int, description: str) -> None:
    booked = issuing_balance.book(scope, kind, amount, authorization["currency"], authorization["id"], description)
    authorization["balance_transactions"] = [*authorization["balance_transactions"], booked["id"]]
