"""Cards of ours with a chip: what they remember is a row, a PIN that was changed is in the vault."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from countertop.cards.card import SimulatedCard
from countertop.cards.chip import ChipState, VirtualChip, image_of, profile_of
from countertop.readers.held import Held
from countertop.readers.ports import Context, Vault

# A card of two-digit years cannot expire after 2049: from 50 on they are of the last century.
LAST_YEAR = 2045
KIND = "_chip"
"""Rows ``{id: the card's name and last four digits, state, pin_changed}``."""


def take(
    tx: Context, vault: Vault, held: Held, now_ms: int, draw: Callable[[int], bytes], *, over_the_air: bool
) -> VirtualChip:
    """The chip of a card, as its last transaction left it."""
    card = held.card
    row = tx.get("", KIND, _name(card))
    image = image_of(profile_of(card), min(time.gmtime(now_ms // 1000).tm_year, LAST_YEAR), over_the_air=over_the_air)
    state = ChipState.from_row(row["state"]) if row is not None else None
    pin = pin_of(tx, vault, card)
    holder = "card" if card.wallet is None else held.device
    return VirtualChip(image, state, pin=pin, random=draw, faults=held.faults, holder=holder)


def keep(tx: Context, vault: Vault, card: SimulatedCard, chip: VirtualChip, now: int) -> None:
    """Write down what a chip remembers now."""
    changed = chip.pin != card.pin
    if changed:
        vault.seal(tx, _pin_name(card), chip.pin.encode())
    state, before = chip.state, tx.get("", KIND, _name(card))
    if before is not None:
        # The same test card may be in two readers at once; its counter goes up all the same.
        state = replace(state, atc=max(state.atc, before["state"]["atc"]))
    row: dict[str, Any] = {"id": _name(card), "state": state.to_row(), "pin_changed": changed}
    tx.put("", KIND, row, created=now)


def pin_of(tx: Context, vault: Vault, card: SimulatedCard) -> str:
    """The PIN of a card as it is now."""
    row = tx.get("", KIND, _name(card))
    changed = row is not None and row["pin_changed"]
    return vault.open(tx, _pin_name(card)).decode() if changed else card.pin


def _name(card: SimulatedCard) -> str:
    # Two cards of one number may differ, and two of one name.
    return f"{card.name}:{card.last4}"


def _pin_name(card: SimulatedCard) -> str:
    return f"chip_pin:{_name(card)}"
