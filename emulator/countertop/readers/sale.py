"""Actions of the platform: they begin, replace each other and are called off.

A sale goes (tipping) → waiting → reading → (application) → (pin) → authorizing → result → (remove_card) → idle; a
collected card rests between reading and pin.  What a customer may do when is checked in
:mod:`countertop.readers.customer`.
"""

from __future__ import annotations

from dataclasses import replace

from countertop.gateway import ActionEnded, StartAction
from countertop.readers import authorization, reading
from countertop.readers.ending import CARD_DISCARDED
from countertop.readers.power import rest
from countertop.readers.state import Form, Sale
from countertop.readers.turn import Turn
from countertop.readers.waiting import wait

# Phases in which an action of the platform runs on the device; afterwards the device only shows how it ended.
RUNNING = frozenset("cart form tipping waiting reading application pin collected authorizing remove_card".split())
# Phases that a new action ends; in the others a card is being processed, or the device cannot hear.
REPLACEABLE = frozenset("idle cart form thanks tipping waiting application pin collected result remove_card".split())


def start(turn: Turn, message: StartAction) -> None:
    """Begin an action in place of the one that waits.

    A device that cannot stays silent (the platform asks for the device's refusal first).
    """
    state = turn.state
    if state.phase not in REPLACEABLE or state.processing or "timeout" in state.faults:
        return
    before = state.sale if state.phase == "collected" else None
    if message.type != "confirm_payment_intent":
        turn.trail.clear()
    turn.change(sale=_sale(turn, message), notice=None, message=None)
    if message.type == "confirm_payment_intent":
        _confirm(turn, before, message.collected)
    else:
        wait(turn)


def cancel(turn: Turn, action: str) -> None:
    """The platform calls the action off.  One that is being authorized is not called off any more."""
    sale = turn.state.sale
    if sale is None or sale.action != action or turn.state.phase not in RUNNING or sale.asked:
        return
    rest(turn)


def _sale(turn: Turn, message: StartAction) -> Sale:
    return Sale(
        action=message.action,
        type=message.type,
        amount=message.amount,
        currency=message.currency,
        customer_cancellation=message.customer_cancellation,
        deadline_ms=turn.after(message.timeout_ms),
        timeout_ms=message.timeout_ms,
        offer=message.tip,
        choice_networks=message.choice_networks,
        domestic_networks=message.domestic_networks,
        mcc=message.mcc,
        cart=message.cart,
        form=Form(message.inputs) if message.type == "collect_inputs" else None,
    )


def _confirm(turn: Turn, before: Sale | None, collected: str | None) -> None:
    """Go on with the card that was collected; one that is not held any more ends the action."""
    if before is None or before.action != collected:
        action = turn.sale.action
        rest(turn)
        turn.send(ActionEnded(action, False, "timed_out", CARD_DISCARDED))
        return
    sale = replace(turn.sale, card=before.card, tip=before.tip, at_once=before.at_once, slot_steps=before.slot_steps)
    sale = replace(sale, pin_wanted=before.pin_wanted, track=before.track)
    turn.change(sale=replace(sale, choice_networks=before.choice_networks))
    reading.pay(turn)
    authorization.hurry(turn)
