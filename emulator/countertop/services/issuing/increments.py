"""Increments: the merchant asks for more of an authorization; the whole decision is made again (issuing.md §6.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countertop.services.issuing import authorization_objects as objects
from countertop.services.issuing import deciding
from countertop.services.issuing.authorizations import answer

if TYPE_CHECKING:
    from countertop.api.scope import Call, Handler, Operations, Result
    from countertop.services.issuing.room import Issuing


def operations(room: Issuing) -> Operations:
    """The test helper."""
    return {"POST /v1/test_helpers/issuing/authorizations/{authorization}/increment": _helper(room)}


def _helper(room: Issuing) -> Handler:
    def increment(call: Call) -> Result:
        amount = objects.positive(call.params, "increment_amount")
        assert amount is not None, "the catalog says that it is required"
        begun = deciding.begin_increment(
            room,
            call,
            objects.of_path(call),
            amount,
            is_amount_controllable=call.params.get("is_amount_controllable", False),
        )
        return answer(room, begun)

    return increment
