"""Checking where a parcel goes (issuing.md §3.4), with the magic lines of the test mode."""

from __future__ import annotations

import re
from typing import Any

from countertop.api.errors import invalid

GOOD_LINE, BAD_LINE = "address_valid", "address_invalid"
UNDELIVERABLE = (
    "The address is undeliverable based on given inputs. Please ensure that the address was inputted correctly and "
    "can be delivered to."
)
_SHORT = {
    "AVENUE": "AVE", "BOULEVARD": "BLVD", "COURT": "CT", "DRIVE": "DR", "LANE": "LN", "PLACE": "PL", "ROAD": "RD",
    "SQUARE": "SQ", "STREET": "ST", "SUITE": "STE", "APARTMENT": "APT",
}  # fmt: skip
Address = dict[str, Any]


def validation_of(address: Address, mode: str) -> Address | None:
    """``address_validation`` of an address; None when it is not to be looked at.

    Raises ApiError 400 in the mode that insists on an address to which something can be delivered.
    """
    if mode == "disabled":
        return None
    result = _result(address)
    if mode == "validation_and_normalization" and result == "likely_undeliverable":
        raise invalid(UNDELIVERABLE, param="shipping[address]")
    return {"mode": mode, "normalized_address": normalized(address), "result": result}


def normalized(address: Address) -> Address:
    """Capitals, short words, and no city or state in the first line."""
    city, state = (str(address.get(name) or "").upper() for name in ("city", "state"))
    line = " ".join(_SHORT.get(word, word) for word in str(address["line1"]).upper().replace(",", " ").split())
    for part in (state, city):
        if part and line.endswith(f" {part}"):
            line = line.removesuffix(f" {part}")
    shown = {name: value.upper() if isinstance(value, str) else value for name, value in address.items()}
    return shown | {"line1": line}


def _result(address: Address) -> str:
    line = str(address["line1"]).strip().lower()
    if line in (GOOD_LINE, BAD_LINE):
        return "likely_deliverable" if line == GOOD_LINE else "likely_undeliverable"
    # There is no list of streets here: what has a number or several words may well be one.
    return "likely_deliverable" if re.search(r"\d", line) and " " in line else "indeterminate"
