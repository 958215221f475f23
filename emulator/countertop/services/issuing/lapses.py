"""Authorizations lapse when their time is over, or when a test helper says so (issuing.md §6.7)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from countertop.api.scope import Call, Document, Handler, Operations, Scope
from countertop.services.issuing import authorization_objects as objects
from countertop.services.issuing import counting, deciding, lapse_timers

if TYPE_CHECKING:
    from countertop.services.issuing.room import Issuing
    from countertop.services.rooms import TimerWork


def operations(room: Issuing) -> Operations:
    """The test helper."""
    return {"POST /v1/test_helpers/issuing/authorizations/{authorization}/expire": _helper(room)}


def timers(room: Issuing) -> dict[str, TimerWork]:
    """An authorization whose time is over."""
    return {lapse_timers.LAPSE: partial(_lapse, room)}


def expire(room: Issuing, scope: Scope, authorization: Document) -> Document:
    """Let go of all that is held.  Raises ApiError 400 for one that is not pending."""
    objects.require_open(authorization, "expired")
    after = dict(authorization)
    held = objects.open_hold(scope, after)
    objects.release(scope, after, held, "expiration")
    counting.spend(scope, after, -held)
    after["status"] = "expired"
    lapse_timers.clear(room, scope, after)
    return objects.save(scope, after, objects.UPDATED, authorization)


def _helper(room: Issuing) -> Handler:
    def handle(call: Call) -> Document:
        authorization = objects.of_path(call)
        return expire(room, call, authorization)

    return handle


def _lapse(room: Issuing, scope: Scope, authorization_id: str) -> None:
    authorization = scope.get(objects.KIND, authorization_id)
    if authorization is None or authorization["status"] != "pending":
        return
    if authorization["pending_request"] is not None:
        authorization = deciding.settle_unanswered(room, scope, authorization)
    if authorization["approved"] and authorization["status"] == "pending":
        expire(room, scope, authorization)
