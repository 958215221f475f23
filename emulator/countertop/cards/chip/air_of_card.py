"""How a card's own habits change what its scheme does over the air: the PIN that it wants, and phones."""

from __future__ import annotations

from dataclasses import replace

from countertop.cards.card import SimulatedCard
from countertop.cards.chip.profile import AirProfile, Authentication
from countertop.cards.chip.profile_files import AirFile

# Online PIN, signature, no CVM, each if the reader supports it.
CVM_LIST = bytes.fromhex("000000000000000042035E031F03")
# Devices ask for the line of business too, by which they know a gate of public transport.
MERCHANT_CATEGORY = bytes.fromhex("9F1502")


def air_of(file: AirFile, card: SimulatedCard, *, can_sign: bool) -> AirProfile:
    """The profile over the air of one application.  ``can_sign``: whether the chip has a key of its own."""
    signed: Authentication = "dda" if file.style == "options" else "cda"
    air = AirProfile(
        kernel=bytes.fromhex(file.kernel),
        style=file.style,
        pdol=bytes.fromhex(file.pdol),
        auth=file.auth or (signed if can_sign and file.style != "stripe" else "none"),
        cvm_list=bytes.fromhex(file.cvm_list) or CVM_LIST,
        online_pin=file.online_pin,
        signature=file.signature,
        pin_always=file.pin_always,
        chip_only=file.chip_only,
        in_a_row=file.in_a_row,
    )
    if card.wallet is not None:
        return replace(air, auth="none", pdol=air.pdol + MERCHANT_CATEGORY, in_a_row=None)
    if card.effect == "approve" and card.cvm == "offline_pin":
        return replace(air, chip_only=True)
    return replace(air, pin_always=True) if card.effect == "approve" and card.cvm == "online_pin" else air
