"""POST …/confirm_payment_intent: charge the card that this reader collected and still holds (§2.4, §2.6)."""

from __future__ import annotations

from countertop.api.errors import invalid
from countertop.api.scope import Call, Document, Handler, Scope
from countertop.services.payments.networks import choice_networks, domestic_networks
from countertop.services.terminal import checks, collected
from countertop.services.terminal.commands import Commands
from countertop.services.terminal.running import Task
from countertop.timers import Timers


def confirmer(commands: Commands, timers: Timers) -> Handler:
    """POST /v1/terminal/readers/{reader}/confirm_payment_intent."""

    def confirm(call: Call) -> Document:
        reader = checks.reader_of(call)
        commands.usable(call.tx, reader)
        config = call.params.get("confirm_config") or {}
        return commands.start(call, reader, confirm_task(call, timers, reader, call.params["payment_intent"], config))

    return confirm


def confirm_task(
    scope: Scope, timers: Timers, reader: Document, intent_id: str, config: Document, owner: str | None = None
) -> Task:
    """The task of confirming what was collected; uses the collection up.

    ``owner``: the point-of-sale session that asks, None for a server; a card that one has collected is not another's.
    Raises ApiError 400 ``intent_invalid_state`` when this reader holds no card for the intent.
    """
    intent = scope.fetch("payment_intent", intent_id, param="payment_intent")
    held = scope.tx.get(scope.account.id, collected.COLLECTED, intent["id"])
    if held is not None and held["serial"] != reader["serial_number"]:
        raise invalid(
            "The payment method of this PaymentIntent was collected by another reader.",
            code="intent_invalid_state",
            param="payment_intent",
        )
    card = collected.take(scope, timers, intent, owner) if intent["status"] == "requires_confirmation" else None
    if card is None:
        raise invalid(
            f"This PaymentIntent has status {intent['status']}: collect a payment method with a reader first, and "
            "confirm it within 30 seconds.",
            code="intent_invalid_state",
            param="payment_intent",
        )
    details: Document = {"payment_intent": intent["id"]}
    if config:
        details["confirm_config"] = dict(config)
    names = ("amount", "currency", "allow_redisplay", "skips_tip", "unsupported_networks", "tip")
    facts = {"intent": intent["id"], "method": card["method"]} | {name: card[name] for name in names}
    start = {
        "amount": intent["amount"],  # the device still knows of the tip
        "currency": intent["currency"],
        "collected": card["action"],
        "choice_networks": choice_networks(intent, scope.account),
        "domestic_networks": domestic_networks(intent, scope.account),
    }
    return Task("confirm_payment_intent", details, facts, start)
