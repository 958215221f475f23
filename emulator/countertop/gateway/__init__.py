"""The wire between platform and device: typed messages in two directions, and the queue that carries them.

The platform (``countertop.services.terminal``) and the devices (``countertop.readers``) never import each other; they
meet here.  No rules live in this room.
"""

from countertop.gateway.gateway import DeviceInfo, DevicePort, Gateway, PlatformPort
from countertop.gateway.messages import (
    ActionEnded,
    AuthorizationAnswer,
    AuthorizationRequest,
    CancelAction,
    CardRead,
    PairingCodeShown,
    Registered,
    StartAction,
    ToDevice,
    ToPlatform,
    Unregistered,
)

__all__ = [
    "ActionEnded",
    "AuthorizationAnswer",
    "AuthorizationRequest",
    "CancelAction",
    "CardRead",
    "DeviceInfo",
    "DevicePort",
    "Gateway",
    "PairingCodeShown",
    "PlatformPort",
    "Registered",
    "StartAction",
    "ToDevice",
    "ToPlatform",
    "Unregistered",
]
