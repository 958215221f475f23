"""POST …/cancel_action: back to the splash screen; no event, and the intent stays as it is (§2.3)."""

from __future__ import annotations

from countertop.api.scope import Call, Document, Handler
from countertop.services.terminal import checks
from countertop.services.terminal.commands import Commands
from countertop.services.terminal.running import of_device


def canceller(commands: Commands) -> Handler:
    """POST /v1/terminal/readers/{reader}/cancel_action."""

    def cancel(call: Call) -> Document:
        reader = checks.reader_of(call)
        serial = reader["serial_number"]
        commands.check_owner(call.tx, serial, None)
        row = of_device(call.tx, serial)
        if row is not None and row["reader"] == reader["id"]:
            commands.call_off(call, row)
        else:
            commands.discard_card(call, serial)
        reader["action"] = None
        return call.save(reader)

    return cancel
