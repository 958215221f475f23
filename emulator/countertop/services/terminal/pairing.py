"""Which device shows which registration code, and which reader object a device belongs to (terminal.md §2.1)."""

from __future__ import annotations

from typing import Any

from countertop.api.scope import Call
from countertop.gateway import PairingCodeShown

CODES = "_pairing_code"
"""Rows ``{id: code, serial, expires_ms}``."""
DIRECTORY = "_reader_of_device"
"""Rows ``{id: serial, account, reader}``."""


def announce(tx: Any, serial: str, message: PairingCodeShown, now: int) -> None:
    """A device shows a new code; the one that it showed before is void."""
    for old, _ in list(tx.each("", CODES, where={"serial": serial})):
        tx.delete("", CODES, old)
    tx.put("", CODES, {"id": message.code, "serial": serial, "expires_ms": message.expires_ms}, created=now)


def claim(call: Call, code: str) -> str | None:
    """Use a code up: the serial of the device that shows it, or None when none does or it has expired."""
    row = call.tx.get("", CODES, code)
    if row is None:
        return None
    call.tx.delete("", CODES, code)
    return str(row["serial"]) if call.clock.now_ms() < row["expires_ms"] else None
