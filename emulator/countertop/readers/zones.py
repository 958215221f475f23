"""What the clock on the wall says in a country, as far as a nightly restart cares: one offset each.

Standard time of the country's largest city, the whole year; a location that needs it exact sets its window itself.
"""

from __future__ import annotations

_HOURS: dict[int, str] = {
    -6: "MX",
    -5: "US CA",
    0: "GB IE PT",
    1: "FR DE NL AT BE ES IT LU DK SE NO CH CZ PL HR HU LI MT SI SK GI",
    2: "FI GR BG CY EE LT LV RO",
    4: "AE",
    8: "SG MY HK",
    9: "JP",
    10: "AU",
    12: "NZ",
}
UTC_OFFSET_MINUTES: dict[str, int] = {
    country: hours * 60 for hours, countries in _HOURS.items() for country in countries.split()
}
