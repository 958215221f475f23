"""What configurations come to at one place: the location's override before the account's default (terminal.md §1.5).

The rest of the room asks here: which tip screen a payment gets, when a reader restarts.
"""

from __future__ import annotations

from collections.abc import Collection

from countertop.api.scope import Document, Scope
from countertop.gateway import TipOffer

KIND = "terminal.configuration"
DEVICES = (
    "bbpos_wisepad3",
    "bbpos_wisepos_e",
    "stripe_s700",
    "stripe_s710",
    "stripe_t600",
    "verifone_m425",
    "verifone_p400",
    "verifone_p630",
    "verifone_ux700",
    "verifone_v660p",
)
HASHES = (*DEVICES, "cellular", "offline", "reader_security", "reboot_window", "tipping", "wifi")
"""The settings of a configuration; each is inherited as a whole."""
MIDNIGHT = (0, 1)
MOST_SUGGESTIONS = 3


def default_id(scope: Scope) -> str | None:
    """The id of the account's default configuration; None before anybody asked for configurations."""
    return next((name for name, _ in scope.tx.each(scope.account.id, KIND, where={"is_account_default": True})), None)


def settings_of(scope: Scope, location_id: str | None) -> Document:
    """The settings that hold at a location (None: nowhere in particular), by hash; those set nowhere are absent."""
    location = scope.get("terminal.location", location_id) if location_id is not None else None
    settings: Document = {}
    for name in (default_id(scope), (location or {}).get("configuration_overrides")):
        configuration = scope.get(KIND, name) if name is not None else None
        settings |= {key: value for key, value in (configuration or {}).items() if key in HASHES and value is not None}
    return settings


def tip_offer(
    settings: Document, features: Collection[str], currency: str, amount: int, eligible: int | None = None
) -> TipOffer | None:
    """The tip screen for a payment of ``amount`` minor units, or None when there is to be none (§2.6).

    ``settings`` are those of :func:`settings_of`, ``features`` those of the device.  ``eligible``: the part of the
    amount that tips are reckoned from and that the threshold looks at; None is all of it, 0 asks for no tip.
    Fixed amounts are offered below ``smart_tip_threshold``, percentages (rounded half up) from it on; where only one
    of the two is configured, that one is offered always.
    """
    suggestions = (settings.get("tipping") or {}).get(currency)
    base = amount if eligible is None else eligible
    if suggestions is None or "tips" not in features or base <= 0:
        return None
    fixed = tuple(suggestions.get("fixed_amounts") or ())[:MOST_SUGGESTIONS]
    shares = tuple(suggestions.get("percentages") or ())[:MOST_SUGGESTIONS]
    small = base < (suggestions.get("smart_tip_threshold") or 0)
    if shares and not (small and fixed):
        return TipOffer(base, tuple((base * share + 50) // 100 for share in shares), shares)
    return TipOffer(base, fixed) if fixed else None


def reboot_window(settings: Document) -> tuple[int, int]:
    """The hours (0 to 23, local time) between which a reader restarts each day, at a minute of its own choice.

    The second is on the next day when it is smaller.  Without a setting it is the hour after midnight.
    """
    window = settings.get("reboot_window")
    return (window["start_hour"], window["end_hour"]) if window else MIDNIGHT
