"""What the wire could not carry while a device had no network, kept as plain values until it can.

The platform's end keeps registrations and cancels (a start is refused there, an answer comes too late); the device
keeps how its actions ended.  A registration code is simply shown again.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from countertop.gateway import (
    ActionEnded,
    CancelAction,
    Configured,
    InputsCollected,
    Registered,
    SoftwareInstalled,
    ToDevice,
    ToPlatform,
    Unregistered,
)
from countertop.readers.rows import result_from

_HEARD_LATER: dict[str, type[Registered | Unregistered | Configured | CancelAction]] = {
    "Registered": Registered,
    "Unregistered": Unregistered,
    "Configured": Configured,
    "CancelAction": CancelAction,
}


def for_device(message: ToDevice) -> list[Any] | None:
    """A message to a device that cannot hear; None when it is of no use later."""
    name = type(message).__name__
    return [name, asdict(message)] if name in _HEARD_LATER else None


def heard(entry: list[Any]) -> ToDevice:
    """A kept message to the device."""
    name, fields = entry
    return _HEARD_LATER[name](**fields)


def for_platform(message: ToPlatform) -> list[Any] | None:
    """A message of a device that cannot be heard; None when it is of no use later."""
    if isinstance(message, ActionEnded | InputsCollected | SoftwareInstalled):
        return [type(message).__name__, asdict(message)]
    return None


def said(entry: list[Any]) -> ToPlatform:
    """A kept message of the device."""
    name, fields = entry
    if name == "InputsCollected":
        return InputsCollected(fields["action"], tuple(result_from(result) for result in fields["results"]))
    if name == "SoftwareInstalled":
        return SoftwareInstalled(**fields)
    return ActionEnded(**{**fields, "trace": tuple(fields.get("trace", ()))})
