"""Who carries a parcel, how long that takes, and where it can be followed (issuing.md §3.4; carriers assumed)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

# Service → working days on the way at most.
DAYS: Mapping[str, int] = MappingProxyType({"standard": 8, "priority": 3, "express": 4})
PRODUCTION_DAYS = 2
# Country → carrier of untracked mail; elsewhere and for faster services DHL.
_POSTS = {"US": "usps", "GB": "royal_mail", "ES": "correos"}
_URLS = {
    "dhl": "https://www.dhl.com/track?tracking-id={}",
    "fedex": "https://www.fedex.com/fedextrack/?trknbr={}",
    "royal_mail": "https://www.royalmail.com/track-your-item#/tracking-results/{}",
    "usps": "https://tools.usps.com/go/TrackConfirmAction?tLabels={}",
    "correos": "https://www.correos.es/es/en/tools/tracker/items/details?tracking-number={}",
}


@dataclass(frozen=True, slots=True)
class Way:
    """How a parcel goes.  ``number`` and ``url`` are None for mail that nobody follows."""

    carrier: str
    days: int
    number: str | None
    url: str | None


def way_of(name: str, country: str, service: str) -> Way:
    """The way of a parcel to a country by a service; ``name`` makes its tracking number, the same every time."""
    if service == "standard":
        return Way(_POSTS.get(country, "dhl"), DAYS[service], None, None)
    carrier = "fedex" if country == "US" else "dhl"
    digits = str(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")).zfill(20)
    number = digits[-12:]
    return Way(carrier, DAYS[service], number, _URLS[carrier].format(number))
