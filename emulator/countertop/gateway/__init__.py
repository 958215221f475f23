"""The wire between platform and device: typed messages in two directions, and the queue that carries them.

The platform (``countertop.services.terminal``) and the devices (``countertop.readers``) never import each other; they
meet here.  No rules live in this room.
"""

from countertop.gateway.forms import (
    Cart,
    CartLine,
    InputChoice,
    InputField,
    InputKind,
    InputResult,
    InputToggle,
    TipOffer,
)
from countertop.gateway.gateway import DeviceInfo, DevicePort, Gateway, PlatformPort
from countertop.gateway.messages import (
    ActionEnded,
    ActionType,
    AuthorizationAnswer,
    AuthorizationRequest,
    CancelAction,
    CardCompleted,
    CardRead,
    Configured,
    EncipheredPin,
    InputsCollected,
    MethodCollected,
    PairingCodeShown,
    Registered,
    SoftwareInstalled,
    StartAction,
    ToDevice,
    ToPlatform,
    TraceEntry,
    Unregistered,
)

__all__ = [
    "ActionEnded",
    "ActionType",
    "AuthorizationAnswer",
    "AuthorizationRequest",
    "CancelAction",
    "CardCompleted",
    "CardRead",
    "Cart",
    "CartLine",
    "Configured",
    "DeviceInfo",
    "DevicePort",
    "EncipheredPin",
    "Gateway",
    "InputChoice",
    "InputField",
    "InputKind",
    "InputResult",
    "InputToggle",
    "InputsCollected",
    "MethodCollected",
    "PairingCodeShown",
    "PlatformPort",
    "Registered",
    "SoftwareInstalled",
    "StartAction",
    "TipOffer",
    "ToDevice",
    "ToPlatform",
    "TraceEntry",
    "Unregistered",
]
