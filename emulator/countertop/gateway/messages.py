"""The messages on the wire between platform and device (docs/architecture.md, One payment).

Every message about an action carries the action's id, so that a late one about an action that was replaced or
cancelled is recognised and dropped.  A card never crosses the wire as a number: ``card_token`` names it in the vault.
Amounts are minor units.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from countertop.gateway.forms import Cart, InputField, InputResult, TipOffer

ActionType = Literal[
    "collect_inputs",
    "collect_payment_method",
    "confirm_payment_intent",
    "process_payment_intent",
    "process_setup_intent",
    "refund_payment",
    "set_reader_display",
]
ReadMethod = Literal[
    "contact_emv", "contactless_emv", "contactless_magstripe_mode", "magnetic_stripe_fallback", "magnetic_stripe_track2"
]
Cvm = Literal["none", "approval", "offline_pin", "online_pin", "signature", "offline_pin_and_signature", "failure"]
"""How a cardholder was verified, in the API's words; ``approval``: by the device that the card is in."""
MCC = "5999"
"""The merchant category of an account that has no other."""


@dataclass(frozen=True, slots=True)
class Registered:
    """To the device: it now belongs to an account; ``name`` is what its splash screen shows."""

    reader: str
    name: str


@dataclass(frozen=True, slots=True)
class Unregistered:
    """To the device: its reader object was deleted or moved; it goes back to pairing."""


@dataclass(frozen=True, slots=True)
class Configured:
    """To the device: what its location's configuration asks of it (terminal.md §1.5).

    It restarts each day between the hours ``reboot_from`` and ``reboot_to`` of local time.  ``splashscreen``: the File
    that it shows when idle, None for its own.
    """

    reboot_from: int
    reboot_to: int
    splashscreen: str | None = None


@dataclass(frozen=True, slots=True)
class StartAction:
    """To the device: do this for the person in front of you.

    ``tip``: ask for a tip first.  ``cart``: what ``set_reader_display`` shows.  ``inputs``: the forms of
    ``collect_inputs``.  ``collected``: the action under which ``confirm_payment_intent`` finds its card.
    ``choice_networks``: a card in the slot that has one of these beside another lets the cardholder choose.
    ``domestic_networks``: those that win over an international one beside them when nobody is asked.
    ``timeout_ms``: how long the device waits for the person, for inputs after the last touch.  ``mcc``: the merchant's
    category.
    """

    action: str
    type: ActionType
    amount: int = 0
    currency: str = ""
    customer_cancellation: bool = False
    timeout_ms: int = 3_600_000
    tip: TipOffer | None = None
    cart: Cart | None = None
    inputs: tuple[InputField, ...] = ()
    collected: str | None = None
    choice_networks: tuple[str, ...] = ()
    domestic_networks: tuple[str, ...] = ()
    mcc: str = MCC


@dataclass(frozen=True, slots=True)
class CancelAction:
    """To the device: back to the splash screen."""

    action: str


@dataclass(frozen=True, slots=True)
class AuthorizationAnswer:
    """To the device: what the platform and the issuer decided about the card just read.

    ``response_code``: ISO 8583 field 39, two characters; empty when no issuer was asked.  ``emv``: data objects for
    the chip in hexadecimal (issuer authentication data, scripts).
    """

    action: str
    approved: bool
    code: str | None = None
    message: str | None = None
    response_code: str = ""
    emv: str = ""


@dataclass(frozen=True, slots=True)
class PairingCodeShown:
    """From the device: it shows this registration code on its screen until ``expires_ms`` (Unix milliseconds)."""

    code: str
    expires_ms: int


@dataclass(frozen=True, slots=True)
class SoftwareInstalled:
    """From the device: it has new software."""

    version: str


TraceEntry = dict[str, Any]
"""One entry of a transaction trace: ``kind``, ``at`` (Unix milliseconds) and what that kind says (docs/traces.md)."""


@dataclass(frozen=True, slots=True)
class EncipheredPin:
    """A PIN as it leaves a reader: the enciphered block and the key serial number, both in hexadecimal."""

    block: str
    ksn: str
    algorithm: Literal["tdes", "aes"]


@dataclass(frozen=True, slots=True)
class CardRead:
    """What the reader learnt from a card; ``card_token`` is the PAN's name in the vault.

    ``read_method`` is None for a number that was keyed in.  ``network``: what a chip's application runs on, or what
    the cardholder chose on the screen.  ``emv``: a chip's data objects for the issuer, in hexadecimal; never its PAN
    or tracks.  ``track``: the name of track 2 in the vault, for a card that has nothing better to show.
    """

    card_token: str
    read_method: ReadMethod | None
    exp_month: int
    exp_year: int
    cardholder_name: str | None = None
    cvm: Cvm = "none"
    network: str | None = None
    emv: str = ""
    pin: EncipheredPin | None = None
    track: str = ""


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """From the device: a card was read for this action; the platform answers with an AuthorizationAnswer.

    ``tip``: what the customer gave, 0 when refused, None when not asked.  After a request of a card that was presented,
    a CardCompleted follows the answer.
    """

    action: str
    card: CardRead
    tip: int | None = None


@dataclass(frozen=True, slots=True)
class CardCompleted:
    """From the device: the chip had the last word about what the issuer decided.

    ``approved`` is False for an approval that the chip turned down, or never heard of because it was pulled out; the
    platform reverses it then.  A failure that began at the device has a ``failure_code``.  ``emv``: the final data
    objects.  ``trace``: what happened since the action began, or since the last such message.
    """

    action: str
    approved: bool
    emv: str = ""
    failure_code: str | None = None
    failure_message: str | None = None
    trace: tuple[TraceEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class MethodCollected:
    """From the device: a card was read for ``collect_payment_method``; the device holds it for the confirmation."""

    action: str
    card: CardRead
    tip: int | None = None


@dataclass(frozen=True, slots=True)
class InputsCollected:
    """From the device: what was entered, one result per form, in their order; an ActionEnded follows."""

    action: str
    results: tuple[InputResult, ...]


@dataclass(frozen=True, slots=True)
class ActionEnded:
    """From the device: the action is over.  A failure that began at the device names its ``failure_code``."""

    action: str
    succeeded: bool
    failure_code: str | None = None
    failure_message: str | None = None
    trace: tuple[TraceEntry, ...] = ()


ToDevice = Registered | Unregistered | Configured | StartAction | CancelAction | AuthorizationAnswer
ToPlatform = (
    PairingCodeShown
    | SoftwareInstalled
    | AuthorizationRequest
    | CardCompleted
    | MethodCollected
    | InputsCollected
    | ActionEnded
)
