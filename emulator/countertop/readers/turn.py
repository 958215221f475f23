"""One turn of a device: something happens to it, and it changes its state and sends messages.

Transitions are functions of a :class:`Turn`; they do no input or output.  The fleet keeps the state and
sends the messages afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from countertop.gateway.messages import ToPlatform
from countertop.readers import mailbox
from countertop.readers.models import Sku
from countertop.readers.state import DeviceState, Sale

SLOWNESS = 5


class Turn:
    """A device's state while something happens to it.  ``new_code`` draws a registration code."""

    __slots__ = ("messages", "new_code", "now_ms", "sku", "state")

    def __init__(self, state: DeviceState, sku: Sku, now_ms: int, new_code: Callable[[], str]) -> None:
        self.state = state
        self.sku = sku
        self.now_ms = now_ms
        self.new_code = new_code
        self.messages: list[ToPlatform] = []

    def change(self, **fields: Any) -> None:
        """Change fields of the state."""
        self.state = replace(self.state, **fields)

    def change_sale(self, **fields: Any) -> None:
        """Change fields of the running sale."""
        self.change(sale=replace(self.sale, **fields))

    @property
    def sale(self) -> Sale:
        """The running sale; asked for in phases that have one."""
        assert self.state.sale is not None, f"no sale runs while the reader is {self.state.phase}"
        return self.state.sale

    def after(self, milliseconds: int) -> int:
        """The instant this far from now."""
        return self.now_ms + milliseconds

    def worked(self, milliseconds: int) -> int:
        """The instant at which the device has done work that usually takes so long."""
        return self.after(milliseconds * SLOWNESS if "slow" in self.state.faults else milliseconds)

    def strikes(self, fault: str) -> bool:
        """Whether a fault that strikes once is armed; it is not any more afterwards."""
        faults = self.state.faults
        if fault not in faults:
            return False
        self.change(faults=tuple(other for other in faults if other != fault))
        return True

    def send(self, message: ToPlatform) -> None:
        """Send to the platform; without a network what is still of use later waits."""
        if self.state.connected:
            self.messages.append(message)
            return
        entry = mailbox.for_platform(message)
        if entry is not None:
            self.change(outbox=(*self.state.outbox, entry))
