"""Amounts up to which a card is taken over the air, by country and currency: data of countertop_firmware."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from countertop_firmware import data_folder


@dataclass(frozen=True, slots=True)
class Limits:
    """Minor units, None for no limit.

    ``no_cvm_up_to``: so much without verifying the holder.  ``device_up_to``: so much from a phone that did it itself.
    """

    no_cvm_up_to: int | None = None
    device_up_to: int | None = None


NO_LIMITS = Limits()


def limits_for(country: str, currency: str, network: str) -> Limits:
    """The limits of a network in a country.

    In another currency than the country's own those of a country that has it hold; in one that nobody has, none do.
    """
    regions = _regions()
    region = regions.get(country)
    if region is None or region["currency"] != currency:
        region = next((other for other in regions.values() if other["currency"] == currency), None)
    if region is None:
        return NO_LIMITS
    stated = region | region.get("networks", {}).get(network, {})
    return Limits(stated.get("no_cvm_up_to"), stated.get("device_up_to"))


@cache
def _regions() -> Mapping[str, dict[str, Any]]:
    """Every country's table."""
    file = data_folder().joinpath("regions", "contactless.toml")
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    return {country: table for name, table in tables.items() for country in table.get("countries", (name,))}
