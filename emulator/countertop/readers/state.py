"""The state of one device: a plain value that is kept as a row.

Nothing secret is in it: no number, no PIN.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from countertop.gateway import ActionType, Cart, InputField, InputResult, TipOffer
from countertop.gateway.messages import MCC, Cvm, ReadMethod

KIND = "_device"

Phase = Literal[
    "off",  # no power: unplugged, or its battery is empty
    "booting",  # power is on, nothing works yet
    "updating",  # installs software
    "pairing",  # shows a registration code
    "idle",  # splash screen
    "cart",  # shows a cart
    "form",  # shows an input form
    "thanks",  # says thank you for the last form
    "tipping",  # asks for a tip
    "waiting",  # shows an amount, wants a card
    "reading",  # a card was presented
    "application",  # wants the cardholder to choose a network
    "pin",  # wants a PIN
    "collected",  # holds a card that the platform will confirm
    "authorizing",  # the platform decides
    "result",  # shows approved or declined
    "remove_card",  # a card is in the slot and has no business there any more
    "broken",  # hardware fault
]
# Phases in which a device has no power, or not yet a system that runs.
DARK = frozenset({"off", "booting"})


@dataclass(frozen=True, slots=True)
class SeenCard:
    """What the reader learnt from the card of the running sale; ``token`` is its number's name in the vault.

    ``read_method`` is None for a number that was typed in.  ``networks``: what it can run on; ``network``: what the
    cardholder, or his chip, chose.
    """

    token: str
    brand: str
    last4: str
    read_method: ReadMethod | None
    exp_month: int
    exp_year: int
    cardholder_name: str | None
    cvm: Cvm = "none"
    networks: tuple[str, ...] = ()
    network: str | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """The forms of an action, and how far the person is.

    ``results`` of those that are done; ``value`` and ``toggles`` of the one on the screen.
    """

    fields: tuple[InputField, ...]
    results: tuple[InputResult, ...] = ()
    value: str | None = None
    toggles: tuple[bool, ...] = ()

    @property
    def field(self) -> InputField:
        """The form on the screen."""
        return self.fields[len(self.results)]


@dataclass(frozen=True, slots=True)
class Sale:
    """The action that runs.  ``deadline_ms``: when the reader stops waiting for the customer.

    ``pin_wanted``: the PIN that is asked for now.  ``insert_only``: the issuer or the card refused a tap.
    ``asked``: the platform has the authorization request.  ``at_once``: no phase takes any time.
    ``offer``: the tip screen to show; ``tip``: what was given, 0 when refused, None when not (yet) asked.
    ``domestic_networks``: those that win over another one on a chip when nobody is asked.  ``chip_failures``: how often
    a chip could not be read, ``tap_failures``: a card over the air.  ``slot_steps``: how far the kernel is.
    ``pin_block``: a PIN for the issuer, as block, key serial number and algorithm.  ``track``: the name of track 2 in
    the vault.  ``mcc``: the merchant's category.
    """

    action: str
    type: ActionType
    amount: int
    currency: str
    customer_cancellation: bool
    deadline_ms: int
    timeout_ms: int = 0
    card: SeenCard | None = None
    pin_wanted: Cvm = "none"
    pin_digits: int = 0
    pin_tries_left: int = 3
    insert_only: bool = False
    asked: bool = False
    at_once: bool = False
    offer: TipOffer | None = None
    tip: int | None = None
    choice_networks: tuple[str, ...] = ()
    domestic_networks: tuple[str, ...] = ()
    chip_failures: int = 0
    tap_failures: int = 0
    slot_steps: int = 0
    pin_block: tuple[str, ...] = ()
    track: str = ""
    mcc: str = MCC
    cart: Cart | None = None
    form: Form | None = None

    @property
    def total(self) -> int:
        """What the customer pays, tip included, in minor units."""
        return self.amount + (self.tip or 0)


@dataclass(frozen=True, slots=True)
class DeviceState:
    """One device.  Times are Unix milliseconds, ``created`` is Unix seconds.

    ``due_ms``: when its phase ends by itself.  ``notice``: a short-lived remark on the screen, by name.
    ``inbox`` / ``outbox``: what the wire could not carry while the network was gone, as ``[type, fields]``.
    ``last_seen_ms``: the last sign of life before it fell silent; while it beats, presence computes it.

    ``cut``: the network dropped by itself (fault ``network_lost``).  ``plan``: faults to come and go, as
    ``[at_ms, name, on]``, in order.  ``pos``: the POS session that owns the reader.

    ``software``: what was installed after it left the factory.  ``installing``: what is being installed.
    ``charge``: percent at ``charge_at_ms``, rising while ``plugged``.  ``reboot_from`` / ``reboot_to``: the hours of
    the day (at ``utc_offset_minutes``) between which it restarts; ``restart_pending``: as soon as it has nothing to do.
    ``splashscreen``: the File that its location's configuration has it show when idle.
    ``pin_counter``: the DUKPT counter of its PIN pad.  ``transactions``: how many its kernel has begun.
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
    cut: bool = False
    plan: tuple[list[Any], ...] = ()
    pos: str | None = None
    software: str = ""
    installing: str = ""
    plugged: bool = True
    charge: float = 100.0
    charge_at_ms: int = 0
    booted_ms: int = 0
    reboot_from: int = 0
    reboot_to: int = 1
    utc_offset_minutes: int = 0
    restart_pending: bool = False
    splashscreen: str | None = None
    pin_counter: int = 0
    transactions: int = 0

    @property
    def connected(self) -> bool:
        """True while the platform can hear it."""
        return self.phase not in DARK and "offline" not in self.faults and not self.cut

    @property
    def processing(self) -> bool:
        """True while a card is being processed, so that nothing else can begin."""
        return self._pin_typed or self.phase in ("reading", "authorizing")

    @property
    def moving_until_ms(self) -> int | None:
        """When the sale's step ends by itself; None when it waits for a person or the platform."""
        return self.due_ms if self._pin_typed or self.phase in ("reading", "authorizing") else None

    @property
    def _pin_typed(self) -> bool:
        return self.phase == "pin" and self.sale is not None and self.sale.pin_digits > 0
