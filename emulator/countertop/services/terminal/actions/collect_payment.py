"""POST …/collect_payment_method: the reader takes a card and holds it until the payment is confirmed (§2.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countertop.api.scope import Call, Document, Handler, Scope
from countertop.services.terminal import checks
from countertop.services.terminal.actions.process_payment import card_task
from countertop.services.terminal.commands import Commands

if TYPE_CHECKING:
    from countertop.services.payments import Payments
    from countertop.services.rooms import TimerWork

COLLECTED = "_collected_card"
"""Rows ``{id: pi_…, action, serial, tip, …}``: intents whose card a reader holds."""
WINDOW = "terminal.collected_card"
WINDOW_MS = 30_000


def collector(commands: Commands) -> Handler:
    """POST /v1/terminal/readers/{reader}/collect_payment_method."""

    def collect(call: Call) -> Document:
        reader = checks.reader_of(call)
        device = commands.usable(call.tx, reader)
        config = call.params.get("collect_config") or {}
        task = card_task(
            call, reader, device, "collect_payment_method", call.params["payment_intent"], config, "collect_config"
        )
        return commands.start(call, reader, task)

    return collect


def discarder(sales: Payments) -> TimerWork:
    """The timer's work: a collected card that nobody confirmed in time is forgotten, and so is the collection."""

    def discard(scope: Scope, intent_id: str) -> None:
        if scope.tx.get(scope.account.id, COLLECTED, intent_id) is not None:
            give_back(scope, sales, intent_id)

    return discard


def give_back(scope: Scope, sales: Payments, intent_id: str) -> None:
    """The intent of a collected card wants a payment method again."""
    scope.tx.delete(scope.account.id, COLLECTED, intent_id)
    intent = scope.get("payment_intent", intent_id)
    if intent is not None and intent["status"] == "requires_confirmation":
        sales.discard(scope, intent)
