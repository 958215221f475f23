"""The four lights and the tones of the tap zone, and which ways of presenting a card are open (EMV Contactless Book A).

All of it follows from the state; nothing is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from countertop.readers.models import Sku
from countertop.readers.state import DARK, DeviceState

Light = Literal["off", "blinking", "on"]
Tone = Literal["success", "alert"]
# Remarks about a card that was held to the reader and not taken.
ALERTS = frozenset(("present_again", "one_card_only", "see_phone", "insert_card", "insert_for_pin", "no_application"))
_ALL_OFF: tuple[Light, ...] = ("off", "off", "off", "off")
_ALL_ON: tuple[Light, ...] = ("on", "on", "on", "on")
AFTER_THE_CARD = frozenset(("pin", "collected", "authorizing"))


@dataclass(frozen=True, slots=True)
class Signals:
    """``lights``: from left to right.  ``tone``: what was heard last.  ``armed``: ways in which a card is taken now."""

    lights: tuple[Light, ...]
    tone: Tone | None = None
    armed: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """As plain data, for the live feed."""
        return {"lights": list(self.lights), "tone": self.tone, "armed": list(self.armed)}


def signals(state: DeviceState, sku: Sku) -> Signals:
    """What the tap zone of a device shows and sounds in this state."""
    armed = _armed(state, sku)
    if "tap" not in sku.model.input.interfaces or state.phase in DARK:
        return Signals(_ALL_OFF, None, armed)
    tapped = _tapped(state)
    if state.phase == "idle":
        return Signals(_first("blinking"))
    if state.phase == "waiting":
        return Signals(_first("on") if "tap" in armed else _ALL_OFF, _alert(state), armed)
    if state.phase == "reading" and tapped:
        return Signals(_first("on"))
    if tapped and state.phase in AFTER_THE_CARD:
        return Signals(_ALL_ON, "success")
    if state.phase == "result":
        return Signals(_ALL_OFF, "success" if state.approved else "alert")
    return Signals(_ALL_OFF)


def _armed(state: DeviceState, sku: Sku) -> tuple[str, ...]:
    if state.phase != "waiting" or state.sale is None:
        return ()
    return ("insert",) if state.sale.insert_only else tuple(sku.model.input.interfaces)


def _tapped(state: DeviceState) -> bool:
    card = state.sale.card if state.sale is not None else None
    return card is not None and card.read_method in ("contactless_emv", "contactless_magstripe_mode")


def _alert(state: DeviceState) -> Tone | None:
    return "alert" if state.notice in ALERTS else None


def _first(light: Light) -> tuple[Light, ...]:
    return (light, *_ALL_OFF[1:])
