"""Merchant categories: Stripe's names for them, and the networks' four-digit codes (issuing.md §14)."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from importlib.resources import files

DATA = "categories.toml"
MISCELLANEOUS = "miscellaneous"
FUEL_PUMPS = "automated_fuel_dispensers"
CASH_MACHINES = "automated_cash_disburse"
# An authorization there may be captured long after: lodging, airlines and car rental (issuing.md §6.7).
LONG_LIVED = frozenset(("airlines_air_carriers", "car_rental_agencies", "hotels_motels_and_resorts", "timeshares"))
# Codes of single airlines, hire firms and hotels, which the table of names does not list.
AIRLINES, CAR_RENTAL, HOTELS = range(3000, 3300), range(3351, 3442), range(3501, 4000)
NO_CODE = "0000"


def code_of(category: str) -> str:
    """The four digits of a category's name; ``0000`` for the name that has none.  Raises KeyError for another."""
    return _codes()[category]


def of_code(code: str) -> str:
    """The category of a code; ``miscellaneous`` for a code that no category has."""
    known = _names().get(code)
    if known is not None:
        return known
    number = int(code) if code.isascii() and code.isdigit() else 0
    if number in AIRLINES:
        return "airlines_air_carriers"
    if number in CAR_RENTAL:
        return "car_rental_agencies"
    return "hotels_motels_and_resorts" if number in HOTELS else MISCELLANEOUS


def names() -> tuple[str, ...]:
    """Every category, in alphabetical order."""
    return tuple(sorted(_codes()))


@functools.cache
def _codes() -> Mapping[str, str]:
    table = tomllib.loads((files(__package__) / DATA).read_text(encoding="utf-8"))
    codes: dict[str, str] = table["codes"] | table["assumed_codes"]
    return codes | dict.fromkeys(table["without_code"], NO_CODE)


@functools.cache
def _names() -> Mapping[str, str]:
    """Category by code; of two with one code the one whose code is not assumed."""
    table = tomllib.loads((files(__package__) / DATA).read_text(encoding="utf-8"))
    by_code: dict[str, str] = {}
    for section in ("codes", "assumed_codes"):
        for name, code in table[section].items():
            by_code.setdefault(code, name)
    return by_code
