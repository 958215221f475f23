"""What a server asks of a reader (terminal.md §1.4): one module per action."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countertop.api.scope import Operations
from countertop.services.terminal.actions import (
    cancel_action,
    collect_inputs,
    collect_payment,
    confirm_payment,
    process_payment,
    process_setup,
    reader_display,
    refund_payment,
)

if TYPE_CHECKING:
    from countertop.services.rooms import Rooms
    from countertop.services.terminal.commands import Commands

__all__ = ["operations"]


def operations(rooms: Rooms, commands: Commands) -> Operations:
    """The action operations of /v1/terminal/readers/{reader}."""
    one = "POST /v1/terminal/readers/{reader}"
    return {
        f"{one}/process_payment_intent": process_payment.processor(commands),
        f"{one}/collect_payment_method": collect_payment.collector(commands),
        f"{one}/confirm_payment_intent": confirm_payment.confirmer(commands, rooms.timers),
        f"{one}/process_setup_intent": process_setup.processor(commands),
        f"{one}/refund_payment": refund_payment.refunder(commands),
        f"{one}/collect_inputs": collect_inputs.collector(commands),
        f"{one}/set_reader_display": reader_display.shower(commands),
        f"{one}/cancel_action": cancel_action.canceller(commands),
    }
