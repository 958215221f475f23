"""Fuel pumps: they ask for one unit before, and tell the true amount after (issuing.md §6.8)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from countertop.api.scope import Call, Document, Operations
from countertop.money import decimals
from countertop.services.changes import merge
from countertop.services.issuing import authorization_objects as objects
from countertop.services.issuing import categories, counting
from countertop.services.issuing.rates import share

if TYPE_CHECKING:
    from countertop.services.issuing.asked import Asked
    from countertop.services.issuing.room import Issuing

ASKED_UNITS, HELD_UNITS = 1, 100


def held_for_pump(asked: Asked) -> Asked:
    """What a pump's question is decided as: its check of one unit is held as a hundred, unless the decider chooses."""
    unit = 10 ** decimals(asked.currency)
    if asked.category != categories.FUEL_PUMPS or asked.amount != ASKED_UNITS * unit:
        return asked
    merchant_amount = asked.merchant_amount * HELD_UNITS // ASKED_UNITS
    return replace(asked, amount=HELD_UNITS * unit, merchant_amount=merchant_amount, is_amount_controllable=True)


def operations(_room: Issuing) -> Operations:
    """The test helper that tells the true amount."""
    return {"POST /v1/test_helpers/issuing/authorizations/{authorization}/finalize_amount": finalize}


def finalize(call: Call) -> Document:
    """POST …/finalize_amount: how much was pumped; the hold follows."""
    before = objects.of_path(call)
    objects.require_open(before, "finalized")
    amount = objects.positive(call.params, "final_amount")
    assert amount is not None, "the catalog says that it is required"
    after = before | {"pending_request": None}
    more = amount - objects.open_hold(call, after)
    objects.hold(call, after, more)
    objects.release(call, after, -more, "reversal")
    counting.spend(call, after, more)
    after["merchant_amount"] = share(before["merchant_amount"], amount, before["amount"])
    after["amount"] = amount
    for name in ("fleet", "fuel"):
        if name in call.params:
            after[name] = merge(after[name] or {}, call.params[name])
    return objects.save(call, objects.completed(after), objects.UPDATED, before)
