"""POST …/collect_payment_method: the reader takes a card and holds it until the payment is confirmed (§2.6)."""

from __future__ import annotations

from countertop.api.scope import Handler
from countertop.services.terminal.actions.process_payment import card_taker
from countertop.services.terminal.commands import Commands


def collector(commands: Commands) -> Handler:
    """POST /v1/terminal/readers/{reader}/collect_payment_method."""
    return card_taker(commands, "collect_payment_method", "collect_config")
