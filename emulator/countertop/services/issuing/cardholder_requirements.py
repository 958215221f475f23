"""What is still to be known of a cardholder, and the review that follows a registration (issuing.md §2.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from countertop.api.scope import Document, Scope

if TYPE_CHECKING:
    from countertop.services.issuing.room import Issuing
    from countertop.services.rooms import TimerWork

KIND = "issuing.cardholder"
REVIEW = "issuing.cardholder_review"
UNDER_REVIEW, PAST_DUE, LISTED, REJECTED = "under_review", "requirements.past_due", "listed", "rejected.listed"
TERMS = "individual.card_issuing.user_terms_acceptance"
STRICT_COUNTRIES = frozenset(("US",))
"""Where programs want the holder's name and consent."""


def past_due(cardholder: Document, country: str, *, strict: bool) -> list[str]:
    """What is missing, in the API's words.  ``strict``: the account's programs insist on it."""
    individual = cardholder["individual"] or {}
    if not strict or country not in STRICT_COUNTRIES or cardholder["type"] != "individual":
        return []
    accepted = ((individual.get("card_issuing") or {}).get("user_terms_acceptance")) or {}
    wanted = {
        f"{TERMS}.ip": accepted.get("ip"),
        f"{TERMS}.date": accepted.get("date"),
        "individual.first_name": individual.get("first_name"),
        "individual.last_name": individual.get("last_name"),
    }
    return [name for name, value in wanted.items() if not value]


def review(room: Issuing, scope: Scope, cardholder: Document) -> None:
    """A new cardholder is looked at; when nothing takes time, the result is there at once, as an update."""
    seconds = room.settings(scope).review_s
    if seconds == 0:
        reviewed(room, scope, cardholder["id"])
    else:
        due_ms = scope.clock.now_ms() + seconds * 1000
        room.timers.set(scope.tx, scope.account.id, REVIEW, cardholder["id"], due_ms)


def reviewed(room: Issuing, scope: Scope, name: str) -> None:
    """The review is over: what is missing is said, or nothing stands in the way."""
    before = scope.get(KIND, name)
    if before is None or before["requirements"]["disabled_reason"] != UNDER_REVIEW:
        return
    missing = past_due(before, scope.account.country, strict=room.settings(scope).strict_requirements)
    after = before | {"requirements": requirements(missing)}
    scope.save(after, "issuing_cardholder.updated", before)


def requirements(missing: list[str]) -> Document:
    """The member ``requirements``."""
    return {"disabled_reason": PAST_DUE if missing else None, "past_due": missing}


def recheck(room: Issuing, scope: Scope, cardholder: Document) -> Document:
    """The cardholder with what is missing now; one under review, or on a list, stays so."""
    if cardholder["requirements"]["disabled_reason"] in (UNDER_REVIEW, LISTED, REJECTED):
        return cardholder
    missing = past_due(cardholder, scope.account.country, strict=room.settings(scope).strict_requirements)
    return cardholder | {"requirements": requirements(missing)}


def put_on_list(scope: Scope, cardholder: Document, *, rejected: bool) -> Document:
    """A watch list has this name: it is looked into, or rejected for good (no test name is known that does it)."""
    reason = REJECTED if rejected else LISTED
    after = cardholder | {"requirements": {"disabled_reason": reason, "past_due": []}}
    if rejected:
        after |= {"status": "blocked"}
    return scope.save(after, "issuing_cardholder.updated", cardholder)


def timers(room: Issuing) -> Mapping[str, TimerWork]:
    """The end of a review."""
    return {REVIEW: lambda scope, name: reviewed(room, scope, name)}
