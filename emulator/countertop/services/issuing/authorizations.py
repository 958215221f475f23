"""Authorizations: what cards were asked for, and the test helper that asks (issuing.md §6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countertop.api.errors import invalid
from countertop.api.lists import filters_of, list_objects
from countertop.api.scope import Call, Document, Handler, Listing, Operations, Outside, Result
from countertop.services.changes import merge, merge_metadata
from countertop.services.issuing import authorization_objects as objects
from countertop.services.issuing import cards, deciding
from countertop.services.issuing.asked import asked_from
from countertop.services.issuing.real_time import Verdict

if TYPE_CHECKING:
    from countertop.services.issuing.room import Issuing

KIND = objects.KIND


def operations(room: Issuing) -> Operations:
    """The operations of /v1/issuing/authorizations, and the test helper that makes one."""
    return {
        "GET /v1/issuing/authorizations": list_authorizations,
        "GET /v1/issuing/authorizations/{authorization}": objects.of_path,
        "POST /v1/issuing/authorizations/{authorization}": update,
        "POST /v1/issuing/authorizations/{authorization}/approve": _decider(room, "approved"),
        "POST /v1/issuing/authorizations/{authorization}/decline": _decider(room, "declined"),
        "POST /v1/test_helpers/issuing/authorizations": _helper(room),
    }


def list_authorizations(call: Call) -> Listing:
    """GET /v1/issuing/authorizations."""
    return list_objects(call, KIND, where=filters_of(call, "card", "cardholder", "status"))


def update(call: Call) -> Document:
    """POST /v1/issuing/authorizations/{authorization}: metadata only."""
    before = objects.of_path(call)
    after = merge(before, call.params)
    return objects.save(call, after, objects.UPDATED, before) if after != before else after


def answer(room: Issuing, begun: deciding.Begun) -> Result:
    """What a call answers that began a decision: the authorization, once whoever is to be asked has been."""
    question = begun.question
    if question is None:
        return begun.authorization

    def then(call: Call, verdict: Verdict) -> Document:
        return deciding.settle(room, call, question.authorization, verdict)

    return Outside(question.ask, then)


def _helper(room: Issuing) -> Handler:
    def create(call: Call) -> Result:
        card = cards.fetch(call, call.params["card"])
        return answer(room, deciding.begin(room, call, asked_from(room, call, card, call.params)))

    return create


def _decider(room: Issuing, outcome: str) -> Handler:
    """The deprecated calls that decide; they count while an answer to the question is awaited."""

    def decide(call: Call) -> Document:
        authorization = objects.of_path(call)
        if authorization["pending_request"] is None:
            raise invalid(f"The authorization {authorization['id']} has been decided already.")
        metadata = call.params.get("metadata")
        if metadata is not None:
            authorization["metadata"] = merge_metadata(authorization["metadata"], metadata)
            call.save(authorization)
        amount = objects.positive(call.params, "amount")
        verdict = Verdict("approved", amount) if outcome == "approved" else Verdict("declined")
        return deciding.settle(room, call, authorization["id"], verdict)

    return decide
