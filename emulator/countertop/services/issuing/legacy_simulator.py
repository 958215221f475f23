"""The simulator of authorizations that was there before test helpers; a trigger still calls it (issuing.md §1.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countertop.api.errors import invalid
from countertop.services.issuing import authorization_objects as objects
from countertop.services.issuing import cards, deciding
from countertop.services.issuing.asked import asked_from
from countertop.services.issuing.authorizations import answer

if TYPE_CHECKING:
    from countertop.api.scope import Call, Handler, Operations, Result
    from countertop.services.issuing.room import Issuing

SAME = ("authorization_method",)


def operations(room: Issuing) -> Operations:
    """One path under a card."""
    return {"POST /v1/issuing/cards/{card}/test/authorizations": _simulator(room)}


def _simulator(room: Issuing) -> Handler:
    def simulate(call: Call) -> Result:
        card = cards.fetch(call, call.path["card"], in_path=True)
        amount = objects.positive(call.params, "held_amount")
        if amount is None:
            raise invalid("Missing required param: held_amount.", code="parameter_missing", param="held_amount")
        asked = {"amount": amount, "currency": call.params.get("held_currency", card["currency"])}
        asked |= {name: call.params[name] for name in SAME if name in call.params}
        return answer(room, deciding.begin(room, call, asked_from(room, call, card, asked)))

    return simulate
