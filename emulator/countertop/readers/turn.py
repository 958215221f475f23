"""One turn of a device: something happens to it, and it changes its state and sends messages.

Transitions are functions of a :class:`Turn`; they do no input or output.  The fleet keeps the state and
sends the messages afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

from countertop.cards.distant import DistantCard
from countertop.cards.link import CardLink
from countertop.emv.kernel import Outcome, Steps
from countertop.gateway.messages import Cvm, ToPlatform
from countertop.readers import mailbox
from countertop.readers.held import Held
from countertop.readers.models import Sku
from countertop.readers.slot import Slot
from countertop.readers.state import DeviceState, Sale
from countertop.readers.trail import Trail

SLOWNESS = 5


V = TypeVar("V", DeviceState, Sale)


def _changed(value: V, fields: dict[str, Any]) -> V:
    """What dataclasses.replace gives, at a third of its price: a sale changes its device forty times."""
    made = object.__new__(type(value))
    for name in value.__slots__:
        object.__setattr__(made, name, fields.pop(name) if name in fields else getattr(value, name))
    if fields:
        raise TypeError(f"{type(value).__name__} has no {', '.join(fields)}")
    return made


class Surroundings(Protocol):
    """What a turn asks of the room around the device."""

    held: Held | None
    """The card that the customer holds."""

    def new_code(self) -> str:
        """Draw a registration code."""

    def draw(self, count: int) -> bytes:
        """So many unpredictable bytes."""

    def tokenize(self, pan: str) -> str:
        """The name of a PAN in the vault; it is kept there."""

    def truncate(self, pan: str) -> str | None:
        """The name of the PAN of somebody's own card, truncated; None for a PAN that was made up."""

    def reveal(self, token: str) -> str:
        """The PAN behind a name."""

    def right_pin(self) -> str:
        """The PIN of the card that the customer holds."""

    def put_in(self, turn: Turn, *, over_the_air: bool = False) -> Slot:
        """The card that the customer holds goes into the slot, or to the reader's field."""

    def slot_for(self, turn: Turn, link: CardLink | DistantCard, *, over_the_air: bool = False) -> Slot:
        """A slot with the card at the other end of a link."""

    def new_kernel(self, turn: Turn, wanted: Cvm) -> Steps[Outcome]:
        """A kernel for the running sale.  ``wanted``: the only PIN that will do, or ``none``."""

    def pin_kernel(self, turn: Turn, data: Mapping[int, bytes]) -> Steps[Outcome]:
        """A kernel that goes on with an earlier tap (its data objects) and a PIN."""

    def keep_track(self, serial: str, track: bytes) -> str:
        """Keep track 2 in the vault, in place of the device's last one; returns its name there."""


class Turn:
    """A device's state while something happens to it.

    ``slot``: the card in it and the kernel at work, while a chip is read.  ``trail``: what the sale leaves behind.
    """

    __slots__ = ("messages", "now_ms", "room", "sku", "slot", "state", "trail")

    def __init__(
        self, state: DeviceState, sku: Sku, now_ms: int, room: Surroundings, slot: Slot | None, trail: Trail
    ) -> None:
        self.state = state
        self.sku = sku
        self.now_ms = now_ms
        self.room = room
        self.slot = slot
        self.trail = trail
        self.messages: list[ToPlatform] = []

    def change(self, **fields: Any) -> None:
        """Change fields of the state."""
        self.state = _changed(self.state, fields)

    def change_sale(self, **fields: Any) -> None:
        """Change fields of the running sale."""
        self.change(sale=_changed(self.sale, fields))

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
