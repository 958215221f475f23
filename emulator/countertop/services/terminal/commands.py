"""Commands to devices: whether one may be sent, and sending it (terminal.md §2.3, §2.4)."""

from __future__ import annotations

from typing import Any

from countertop.api.errors import ApiError, invalid
from countertop.api.scope import Document, Scope
from countertop.gateway import CancelAction, DeviceInfo, Gateway
from countertop.services.terminal import collected
from countertop.services.terminal.pairing import DIRECTORY
from countertop.services.terminal.running import KIND, Task, begin, forget

BUSY = "terminal_reader_busy"
OFFLINE = "terminal_reader_offline"
TIMEOUT = "terminal_reader_timeout"
REFUSALS = {
    BUSY: "Reader is currently busy processing another request, or a card was left in it. Please reference the "
    "integration guide at https://stripe.com/docs/terminal/payments/collect-payment?terminal-sdk-platform="
    "server-driven#terminal-reader-timeout for details on how to handle this error.",
    OFFLINE: "Reader is currently offline, please ensure the reader is powered on and connected to the internet before "
    "retrying your request.",
    TIMEOUT: "There was a timeout when sending this command to the reader. The reader may have received it: please "
    "retry the request.",
    "terminal_reader_hardware_fault": "Reader has a hardware fault and cannot take payments. Please contact support "
    "with its serial number.",
}
OTHER_MODE = (
    "This reader is processing in another integration mode: a point of sale is connected to it. Disconnect it first."
)


class Commands:
    """The platform's commands to the devices of one world."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        # The last batch in which each device was sent a command: two commands of one batch are parallel requests.
        self._sent: dict[str, object] = {}

    def usable(self, tx: Any, reader: Document, owner: str | None = None) -> DeviceInfo:
        """What the device says of itself.

        ``owner``: the point-of-sale session that asks, None for a server.  Raises ApiError 400: ``terminal_reader_*``
        when the device cannot take a request now, no code when a session owns it and somebody else asks.
        """
        serial = reader["serial_number"]
        device = self.device_of(tx, reader)
        if device.mobile and owner is None:
            raise invalid("Mobile readers are driven by the SDK of the phone that they hang on, not by a server.")
        self.check_owner(tx, serial, owner)
        code = self._gateway.devices.refusal(tx, serial)
        if code is not None:
            raise refused(code)
        self._check_parallel(tx, serial)
        return device

    def device_of(self, tx: Any, reader: Document) -> DeviceInfo:
        """What the device of a reader says of itself.

        Raises ApiError 400 ``terminal_reader_offline`` when it was registered anew: it obeys its new reader object
        only, and the old one never comes online again.
        """
        serial = reader["serial_number"]
        entry = tx.get("", DIRECTORY, serial)
        is_ours = entry is not None and entry["reader"] == reader["id"]
        device = self._gateway.devices.describe(tx, serial) if is_ours else None
        if device is None:
            raise refused(OFFLINE)
        return device

    def check_owner(self, tx: Any, serial: str, owner: str | None) -> None:
        """Raises ApiError 400 when a point-of-sale session owns the device and somebody else asks."""
        if self._gateway.devices.owner(tx, serial) != owner:
            raise invalid(OTHER_MODE)

    def start(self, scope: Scope, reader: Document, task: Task, owner: str | None = None) -> Document:
        """Start an action on a device that was found usable; returns the reader as it is then.

        Raises ApiError 400 ``terminal_reader_timeout`` when the device's word that it has the command was lost; what
        was written stays: the device did get it, which is the trap that terminal.md §2.4 warns of.
        """
        begin(self._gateway, scope, reader, task, owner)
        self._sent[reader["serial_number"]] = scope.tx.batch
        if self._gateway.devices.lost_receipt(scope.tx, reader["serial_number"]):
            raise refused(TIMEOUT, commits=True)
        return scope.fetch(KIND, reader["id"])

    def call_off(self, scope: Scope, row: Document) -> None:
        """Forget a running action, at the platform and on the device.

        Raises ApiError 400 ``terminal_reader_busy`` while the card is being processed.  A reader that died in
        mid-payment is reset by this and by nothing else (§2.4): only busy refuses.
        """
        serial = row["id"]
        refusal = self._gateway.devices.refusal(scope.tx, serial)
        if refusal == BUSY or self._gateway.devices.processing(scope.tx, serial):
            raise refused(BUSY)
        if refusal == TIMEOUT and not self._gateway.devices.lost_receipt(scope.tx, serial):
            raise refused(TIMEOUT)
        self._check_parallel(scope.tx, serial)
        forget(scope, row)
        self._gateway.to_device(scope.tx, serial, CancelAction(row["action"]))

    def discard_card(self, scope: Scope, serial: str) -> bool:
        """Have a device forget the card that it holds for a confirmation; True when it held one."""
        actions = collected.cancel(scope, serial)
        for action in actions:
            self._gateway.to_device(scope.tx, serial, CancelAction(action))
        return bool(actions)

    def _check_parallel(self, tx: Any, serial: str) -> None:
        if self._sent.get(serial) is tx.batch:
            raise refused(BUSY)


def refused(code: str, *, commits: bool = False) -> ApiError:
    """400 with one of the ``terminal_reader_*`` codes."""
    return ApiError(400, "invalid_request_error", REFUSALS[code], code=code, commits=commits)
