"""A device's state as the row that the store keeps, and back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from countertop.gateway import (
    Cart,
    CartLine,
    InputChoice,
    InputField,
    InputResult,
    InputToggle,
    TipOffer,
)
from countertop.readers.state import DeviceState, Form, Sale, SeenCard


def to_row(state: DeviceState) -> dict[str, Any]:
    """The row that the store keeps."""
    # Member by member: dataclasses.asdict copies deeply, and this runs several times in every sale.
    row = {name: getattr(state, name) for name in DeviceState.__slots__}
    sale = state.sale
    if sale is not None:
        row["sale"] = members = {name: getattr(sale, name) for name in Sale.__slots__}
        if sale.card is not None:
            members["card"] = {name: getattr(sale.card, name) for name in SeenCard.__slots__}
        for part in ("offer", "cart", "form"):
            if members[part] is not None:
                members[part] = asdict(members[part])
    return {"id": state.serial, **row}


def from_row(row: dict[str, Any]) -> DeviceState:
    """The state that a row holds."""
    fields = {key: value for key, value in row.items() if key in DeviceState.__slots__}
    if fields.get("sale") is not None:
        fields["sale"] = _sale(fields["sale"])
    for key in ("faults", "inbox", "outbox", "plan"):
        fields[key] = tuple(fields.get(key, ()))
    return DeviceState(**fields)


def result_from(row: dict[str, Any]) -> InputResult:
    """What was entered in one form, from its plain fields."""
    return InputResult(**{**row, "toggles": tuple(row["toggles"])})


def _sale(row: dict[str, Any]) -> Sale:
    members = dict(row)
    # A row of an earlier version lacks what it did not know.
    for name in ("choice_networks", "domestic_networks", "pin_block"):
        members[name] = tuple(members.get(name, ()))
    card, offer, cart, form = (members.get(part) for part in ("card", "offer", "cart", "form"))
    if card is not None:
        known = {name: value for name, value in card.items() if name in SeenCard.__slots__}
        members["card"] = SeenCard(**{**known, "networks": tuple(card.get("networks", ()))})
    if offer is not None:
        amounts, percentages = tuple(offer["amounts"]), tuple(offer["percentages"])
        members["offer"] = TipOffer(offer["eligible"], amounts, percentages)
    if cart is not None:
        members["cart"] = Cart(**{**cart, "lines": tuple(CartLine(**line) for line in cart["lines"])})
    if form is not None:
        members["form"] = Form(
            fields=tuple(_field(field) for field in form["fields"]),
            results=tuple(result_from(result) for result in form["results"]),
            value=form["value"],
            toggles=tuple(form["toggles"]),
        )
    return Sale(**members)


def _field(row: dict[str, Any]) -> InputField:
    choices = tuple(InputChoice(**choice) for choice in row["choices"])
    toggles = tuple(InputToggle(**toggle) for toggle in row["toggles"])
    return InputField(**{**row, "choices": choices, "toggles": toggles})
