"""The state of one device: a plain value that is kept as a row.

Nothing secret is in it: no number, no PIN.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from countertop.gateway.messages import ActionType, Cvm, ReadMethod

KIND = "_device"

Phase = Literal[
    "booting",  # power is on, nothing works yet
    "pairing",  # shows a registration code
    "idle",  # splash screen
    "waiting",  # shows an amount, wants a card
    "reading",  # a card was presented
    "pin",  # wants a PIN
    "authorizing",  # the platform decides
    "result",  # shows approved or declined
    "remove_card",  # a card is in the slot and has no business there any more
    "broken",  # hardware fault
]


@dataclass(frozen=True, slots=True)
class SeenCard:
    """What the reader learnt from the card of the running sale; ``token`` is its number's name in the vault.

    ``pin``: the kind of PIN that this card asks for by itself.
    """

    token: str
    brand: str
    last4: str
    read_method: ReadMethod
    exp_month: int
    exp_year: int
    cardholder_name: str | None
    pin: Cvm
    cvm: Cvm = "none"


@dataclass(frozen=True, slots=True)
class Sale:
    """The action that runs.  ``deadline_ms``: when the reader stops waiting for the customer.

    ``pin_wanted``: the PIN that is asked for now.  ``insert_only``: the issuer or the card refused a tap.
    ``asked``: the platform has the authorization request.  ``at_once``: no phase takes any time.
    """

    action: str
    type: ActionType
    amount: int
    currency: str
    customer_cancellation: bool
    deadline_ms: int
    card: SeenCard | None = None
    pin_wanted: Cvm = "none"
    pin_digits: int = 0
    pin_tries_left: int = 3
    insert_only: bool = False
    asked: bool = False
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class DeviceState:
    """One device.  Times are Unix milliseconds, ``created`` is Unix seconds.

    ``due_ms``: when its phase ends by itself.  ``notice``: a short-lived remark on the screen, by name.
    ``inbox`` / ``outbox``: what the wire could not carry while the network was unplugged, as ``[type,
    fields]``. ``last_seen_ms``: the last sign of life before it fell silent; while it beats, presence
    computes it.
    """

    serial: str
    sku: str
    simulated: bool
    country: str
    ip_address: str
    phase: Phase
    created: int
    due_ms: int | None = None
    reader: str | None = None
    name: str = ""
    code: str | None = None
    code_expires_ms: int = 0
    sale: Sale | None = None
    card_in_slot: bool = False
    notice: str | None = None
    approved: bool = False
    message: str | None = None
    faults: tuple[str, ...] = ()
    inbox: tuple[list[Any], ...] = ()
    outbox: tuple[list[Any], ...] = ()
    last_seen_ms: int | None = None

    @property
    def connected(self) -> bool:
        """True while the platform can hear it."""
        return self.phase != "booting" and "offline" not in self.faults

    @property
    def moving_until_ms(self) -> int | None:
        """When the sale's step ends by itself; None when it waits for a person or the platform."""
        typed = self.phase == "pin" and self.sale is not None and self.sale.pin_digits > 0
        return self.due_ms if typed or self.phase in ("reading", "authorizing") else None


def to_row(state: DeviceState) -> dict[str, Any]:
    """The row that the store keeps."""
    # Member by member: dataclasses.asdict copies deeply, and this runs several times in every sale.
    row = {name: getattr(state, name) for name in DeviceState.__slots__}
    sale = state.sale
    if sale is not None:
        row["sale"] = {name: getattr(sale, name) for name in Sale.__slots__}
        if sale.card is not None:
            row["sale"]["card"] = {name: getattr(sale.card, name) for name in SeenCard.__slots__}
    return {"id": state.serial, **row}


def from_row(row: dict[str, Any]) -> DeviceState:
    """The state that a row holds."""
    fields = {key: value for key, value in row.items() if key in DeviceState.__slots__}
    sale = fields.get("sale")
    if sale is not None:
        card = sale.get("card")
        fields["sale"] = Sale(**{**sale, "card": None if card is None else SeenCard(**card)})
    for key in ("faults", "inbox", "outbox"):
        fields[key] = tuple(fields[key])
    return DeviceState(**fields)
