"""POST …/cancel_action: back to the splash screen; no event, and the intent stays as it is (§2.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countertop.api.scope import Call, Document, Handler
from countertop.services.terminal import checks
from countertop.services.terminal.actions.collect_payment import give_back
from countertop.services.terminal.commands import Commands
from countertop.services.terminal.running import of_device

if TYPE_CHECKING:
    from countertop.services.payments import Payments


def canceller(commands: Commands, sales: Payments) -> Handler:
    """POST /v1/terminal/readers/{reader}/cancel_action."""

    def cancel(call: Call) -> Document:
        reader = checks.reader_of(call)
        serial = reader["serial_number"]
        commands.check_owner(call.tx, serial, None)
        row = of_device(call.tx, serial)
        if row is not None and row["reader"] == reader["id"]:
            commands.call_off(call, row)
            if row["type"] == "confirm_payment_intent":
                # The card that it was to be confirmed with is lost: the intent wants one again.
                give_back(call, sales, row["intent"])
        reader["action"] = None
        return call.save(reader)

    return cancel
