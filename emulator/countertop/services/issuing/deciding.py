"""The road of an authorization: checked, asked about in real time when somebody is to be asked, and settled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from countertop.api.scope import Document, Scope
from countertop.services.changes import merge_metadata
from countertop.services.issuing import authorization_objects as objects
from countertop.services.issuing import card_objects, counting, decision, fraud_challenges, fuel, lapse_timers
from countertop.services.issuing.asked import Asked
from countertop.services.issuing.rates import convert, share
from countertop.services.issuing.real_time import TIMEOUT, Question, Verdict

if TYPE_CHECKING:
    from countertop.services.issuing.room import Issuing

CASHBACK_UNCOVERED = "The answer's amount was less than the cashback, which has to be covered whole."
REASONS = {
    "approved": "webhook_approved",
    "declined": "webhook_declined",
    "timeout": "webhook_timeout",
    "error": "webhook_error",
}


@dataclass(frozen=True, slots=True)
class Begun:
    """An authorization as stored; with a ``question`` it is pending until :func:`settle` has had the verdict."""

    authorization: Document
    question: Question | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A decision: whether, with which reason and words, over which amount (None: as asked)."""

    approved: bool
    reason: str
    why: str | None = None
    amount: int | None = None


def begin(room: Issuing, scope: Scope, asked: Asked) -> Begun:
    """Check what is asked of a card, and decide it unless somebody has to be asked first."""
    asked = fuel.held_for_pump(asked)
    card = scope.fetch(card_objects.KIND, asked.card)
    cardholder = scope.fetch("issuing.cardholder", card["cardholder"])
    authorization = objects.new(scope, asked, cardholder["id"])
    authorization["verified_by_fraud_challenge"] = fraud_challenges.is_confirmed(scope, asked)
    reason = decision.reason_against(room, scope, card, cardholder, asked)
    if reason is not None:
        if reason == fraud_challenges.REASON:
            fraud_challenges.send(room, scope, authorization, cardholder)
        return Begun(_decide(room, scope, authorization, Outcome(False, reason)))
    scope.save(authorization)
    question = room.question(scope, objects.in_event(scope, authorization))
    if question is None:
        return Begun(_decide(room, scope, authorization, Outcome(True, "card_active")))
    # Should nobody ever come back with a verdict, the lapse settles it.
    lapse_timers.start(room, scope, authorization)
    return Begun(authorization, question)


def begin_increment(
    room: Issuing,
    scope: Scope,
    authorization: Document,
    amount: int,
    *,
    merchant_amount: int | None = None,
    is_amount_controllable: bool = False,
) -> Begun:
    """Check ``amount`` more for an authorization; it stays as it is when that is declined.

    ``merchant_amount``: the same in the merchant's currency, where it is known to the cent; else it is worked out.

    Raises ApiError 400 for an authorization that is not approved and pending.
    """
    objects.require_open(authorization, "incremented")
    card = scope.fetch(card_objects.KIND, authorization["card"])
    cardholder = scope.fetch("issuing.cardholder", card["cardholder"])
    asked = _more(room, scope, authorization, amount, merchant_amount, is_amount_controllable)
    authorization["pending_request"] = objects.pending_request(asked)
    reason = decision.reason_against(room, scope, card, cardholder, asked, already=authorization["amount"])
    if reason is not None:
        return Begun(_decide(room, scope, authorization, Outcome(False, reason)))
    scope.save(authorization)
    question = room.question(scope, objects.in_event(scope, authorization))
    if question is None:
        return Begun(_decide(room, scope, authorization, Outcome(True, "card_active")))
    return Begun(authorization, question)


def stood_in(room: Issuing, scope: Scope, asked: Asked) -> Document:
    """What the network approved while nobody here could be asked is written down as it is (``network_fallback``)."""
    card = scope.fetch(card_objects.KIND, asked.card)
    return _decide(room, scope, objects.new(scope, asked, card["cardholder"]), Outcome(True, "network_fallback"))


def settle(room: Issuing, scope: Scope, authorization_id: str, verdict: Verdict) -> Document:
    """Decide what is pending of an authorization, itself or an increment of it, by a verdict.

    What was decided in the meantime, or is over, stays as it is.
    """
    authorization = scope.fetch(objects.KIND, authorization_id)
    pending = authorization["pending_request"]
    if pending is None:
        return authorization
    if authorization["status"] != "pending":
        return scope.save(authorization | {"pending_request": None})
    outcome = outcome_of(room, scope, pending, verdict)
    if verdict.challenges and not authorization["approved"]:
        cardholder = scope.fetch("issuing.cardholder", authorization["cardholder"])
        fraud_challenges.send(room, scope, authorization, cardholder)
    if verdict.metadata:
        authorization["metadata"] = merge_metadata(authorization["metadata"], verdict.metadata)
    return _decide(room, scope, authorization, outcome)


def settle_increment(room: Issuing, scope: Scope, authorization_id: str, verdict: Verdict) -> Document:
    """As :func:`settle`, which knows an increment by the authorization that was approved before."""
    return settle(room, scope, authorization_id, verdict)


def settle_unanswered(room: Issuing, scope: Scope, authorization: Document) -> Document:
    """Decide an authorization whose question was lost: by the account's default."""
    return settle(room, scope, authorization["id"], TIMEOUT)


def outcome_of(room: Issuing, scope: Scope, pending: Document, verdict: Verdict) -> Outcome:
    """What a verdict means for what was asked; the balance may have changed since."""
    amount = verdict.amount if pending["is_amount_controllable"] else None
    cashback = (pending["amount_details"] or {}).get("cashback_amount") or 0
    if verdict.outcome == "approved" and amount is not None and amount < cashback:
        verdict = Verdict("error", why=CASHBACK_UNCOVERED)
    approved = verdict.outcome == "approved"
    if verdict.outcome in ("timeout", "error"):
        amount = None
        approved = room.settings(scope).real_time_default == "approve"
    if approved and not decision.covers(scope, pending["amount"] if amount is None else amount, pending["currency"]):
        return Outcome(False, "insufficient_funds", verdict.why)
    return Outcome(approved, REASONS[verdict.outcome], verdict.why, amount)


def _decide(room: Issuing, scope: Scope, authorization: Document, outcome: Outcome) -> Document:
    """Write the outcome of what is pending: of the authorization itself, or of an increment of an approved one."""
    before = dict(authorization)
    pending = authorization["pending_request"]
    amount, merchant_amount = pending["amount"], pending["merchant_amount"]
    if outcome.amount is not None:
        merchant_amount = share(merchant_amount, outcome.amount, amount)
        amount = outcome.amount
    entry = objects.history(
        scope,
        pending,
        amount=amount,
        merchant_amount=merchant_amount,
        approved=outcome.approved,
        reason=outcome.reason,
        why=outcome.why,
    )
    authorization["pending_request"] = None
    authorization["request_history"] = [*authorization["request_history"], entry]
    if authorization["approved"]:
        if outcome.approved:
            authorization["amount"] += amount
            authorization["merchant_amount"] += merchant_amount
            objects.hold(scope, authorization, amount)
            counting.spend(scope, authorization, amount)
        return objects.save(scope, authorization, objects.UPDATED, before | {"pending_request": None})
    authorization |= {"amount": amount, "approved": outcome.approved, "merchant_amount": merchant_amount}
    authorization["status"] = "pending" if outcome.approved else "closed"
    if outcome.approved:
        objects.hold(scope, authorization, amount)
        counting.authorized(room, scope, authorization, amount)
        lapse_timers.start(room, scope, authorization)
    else:
        lapse_timers.clear(room, scope, authorization)
    return objects.save(scope, authorization, objects.CREATED)


def _more(
    room: Issuing,
    scope: Scope,
    authorization: Document,
    amount: int,
    merchant_amount: int | None,
    is_amount_controllable: bool,
) -> Asked:
    """What an increment asks: the same once more, over its own amount."""
    currency, merchant_currency = authorization["currency"], authorization["merchant_currency"]
    if merchant_amount is None:
        merchant_amount = convert(amount, currency, merchant_currency, room.settings(scope).rates)
    return Asked(
        card=authorization["card"],
        amount=amount,
        currency=currency,
        merchant_amount=merchant_amount,
        merchant_currency=merchant_currency,
        merchant_data=authorization["merchant_data"],
        method=authorization["authorization_method"],
        verification_data=authorization["verification_data"],
        network_data=authorization["network_data"] or {},
        wallet=authorization["wallet"],
        token=authorization["token"],
        is_amount_controllable=is_amount_controllable,
    )
