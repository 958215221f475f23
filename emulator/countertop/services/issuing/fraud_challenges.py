"""Fraud challenges: a text message that asks whether it was really the cardholder (issuing.md §6.8).

There is no fraud model.  A card whose metadata has ``countertop_suspected_fraud`` set to ``true`` is suspected at
every purchase, until its holder has confirmed one at the same merchant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from countertop.api.errors import invalid
from countertop.api.scope import Call, Document, Operations, Scope
from countertop.services.issuing import authorization_objects as objects

if TYPE_CHECKING:
    from countertop.services.issuing.asked import Asked
    from countertop.services.issuing.room import Issuing
    from countertop.services.rooms import TimerWork

REASON = "suspected_fraud"
SETTING = "countertop_suspected_fraud"
CONFIRMED = "_issuing_confirmed_merchant"
"""Rows ``{id: card|merchant}``: where a cardholder said that it was really him."""
EXPIRY = "issuing.fraud_challenge_expiry"
LIFE_MS = 15 * 60_000


def operations(_room: Issuing) -> Operations:
    """The test helper that answers for the cardholder."""
    return {"POST /v1/test_helpers/issuing/authorizations/{authorization}/fraud_challenges/respond": respond}


def timers(_room: Issuing) -> dict[str, TimerWork]:
    """A challenge that nobody answered."""
    return {EXPIRY: expire}


def is_suspected(scope: Scope, card: Document, asked: Asked) -> bool:
    """Whether a purchase looks like fraud."""
    return card["metadata"].get(SETTING) == "true" and not is_confirmed(scope, asked)


def is_confirmed(scope: Scope, asked: Asked) -> bool:
    """Whether the cardholder confirmed a purchase at this merchant before."""
    return scope.tx.raw(scope.account.id, CONFIRMED, _name(asked.card, asked.merchant_data)) is not None


def send(room: Issuing, scope: Scope, authorization: Document, cardholder: Document) -> None:
    """Ask the cardholder about a purchase that was declined; changes ``authorization``, and does not write it."""
    reachable = bool(cardholder.get("phone_number"))
    challenge = {
        "channel": "sms",
        "status": "pending" if reachable else "undeliverable",
        "undeliverable_reason": None if reachable else "no_phone_number",
    }
    authorization[objects.INCLUDED] = [challenge]
    if reachable:
        due_ms = scope.clock.now_ms() + LIFE_MS
        room.timers.set(scope.tx, scope.account.id, EXPIRY, authorization["id"], due_ms)


def respond(call: Call) -> Document:
    """POST …/fraud_challenges/respond: the cardholder confirms, or says that it was not him."""
    authorization = objects.of_path(call)
    if not _waits(authorization):
        raise invalid(f"The authorization {authorization['id']} has no fraud challenge that waits for an answer.")
    confirmed = call.params["confirmed"]
    if confirmed:
        row = {"id": _name(authorization["card"], authorization["merchant_data"])}
        call.tx.put(call.account.id, CONFIRMED, row, created=call.now)
    return call.save(_answered(authorization, "verified" if confirmed else "rejected"))


def expire(scope: Scope, authorization_id: str) -> None:
    """The timer's work: nobody answered."""
    authorization = scope.get(objects.KIND, authorization_id)
    if authorization is not None and _waits(authorization):
        scope.save(_answered(authorization, "expired"))


def _waits(authorization: Document) -> bool:
    return any(challenge["status"] == "pending" for challenge in authorization.get(objects.INCLUDED) or ())


def _answered(authorization: Document, status: str) -> Document:
    challenges = [challenge | {"status": status} for challenge in authorization[objects.INCLUDED]]
    return authorization | {objects.INCLUDED: challenges}


def _name(card: str, merchant: Document) -> str:
    return f"{card}|{merchant['network_id']}"
