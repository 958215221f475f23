"""POST …/collect_payment_method: the reader takes a card and holds it until the payment is confirmed (§2.6)."""

from __future__ import annotations

from countertop.api.scope import Call, Document, Handler
from countertop.services.terminal import checks
from countertop.services.terminal.actions.process_payment import card_task
from countertop.services.terminal.commands import Commands


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
