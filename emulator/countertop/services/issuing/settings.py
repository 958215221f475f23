"""What only a dashboard could set about an account's Issuing: one row ``_issuing_settings`` per account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Literal

from countertop.api.events import fresh_secret
from countertop.errors import ConfigurationError
from countertop.iso_codes import CURRENCIES

if TYPE_CHECKING:
    from countertop.ids import IdSource
    from countertop.store import Transaction

ROWS = "_issuing_settings"
NAME = "settings"
Movement = Literal["manual", "auto"]
DEFAULTS = ("approve", "decline")
MOVEMENTS = ("manual", "auto")
LONGEST_REVIEW_S = 86_400


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of one account.

    ``enabled``: whether it may issue at all (else every authorization is declined, ``account_disabled``).
    ``real_time_url``: where authorizations are asked about; empty for nowhere.  ``real_time_secret``: what those
    questions are signed with.  ``real_time_default``: what holds when no usable answer comes (§6.6).
    ``review_s``: how long a new cardholder is under review, seconds.  ``parcels``: whether they move by themselves.
    ``strict_requirements``: whether a cardholder without name and consent is kept from using cards, as live programs in
    the US do.  ``rates``: what one unit of a currency is worth in US dollars, beside the built-in table.
    """

    enabled: bool = True
    real_time_url: str = ""
    real_time_secret: str = field(default="", repr=False)
    real_time_default: str = "decline"
    review_s: int = 0
    parcels: str = "manual"
    strict_requirements: bool = False
    rates: Mapping[str, str] = field(default_factory=dict)

    def changed(self, **given: Any) -> Settings:
        """A copy with other settings.  Raises ConfigurationError for one that there is not, or a bad value."""
        known = [name for name in Settings.__dataclass_fields__ if name != "real_time_secret"]
        unknown = sorted(set(given) - set(known))
        if unknown:
            raise ConfigurationError(f"Unknown issuing setting {unknown[0]!r}.", f"Known settings: {', '.join(known)}")
        _one_of("real_time_default", given, DEFAULTS)
        _one_of("parcels", given, MOVEMENTS)
        url = given.get("real_time_url", "")
        if url and not str(url).startswith(("http://", "https://")):
            raise ConfigurationError(f"{str(url)[:80]!r} is no web address.", "It begins with http:// or https://.")
        review_s = given.get("review_s", 0)
        if not (isinstance(review_s, int) and 0 <= review_s <= LONGEST_REVIEW_S):
            raise ConfigurationError(f"{review_s!r} is no delay.", f"Give whole seconds, up to {LONGEST_REVIEW_S}.")
        _check_rates(given.get("rates", {}))
        return replace(self, **given)


def settings_of(tx: Transaction, account: str) -> Settings:
    """An account's settings."""
    row = tx.get(account, ROWS, NAME)
    return Settings(**{name: value for name, value in row.items() if name != "id"}) if row is not None else Settings()


def keep_settings(tx: Transaction, account: str, settings: Settings) -> None:
    """Write an account's settings."""
    tx.put(account, ROWS, {"id": NAME, **asdict(settings)}, created=0)


def change_settings(tx: Transaction, account: str, ids: IdSource, given: Mapping[str, Any]) -> Settings:
    """Change an account's settings; its first address gets a signing secret.  Raises ConfigurationError."""
    changed = settings_of(tx, account).changed(**given)
    if changed.real_time_url and not changed.real_time_secret:
        changed = replace(changed, real_time_secret=fresh_secret(ids))
    keep_settings(tx, account, changed)
    return changed


def _check_rates(rates: Mapping[str, str]) -> None:
    for currency, rate in rates.items():
        try:
            good = Decimal(rate).is_finite() and Decimal(rate) > 0
        except InvalidOperation:
            good = False
        if currency not in CURRENCIES or not good:
            raise ConfigurationError(
                f"{currency[:10]!r}: {rate[:20]!r} is no rate.", "Write what one unit is worth in US dollars: eur: 1.08"
            )


def _one_of(name: str, given: Mapping[str, Any], choices: tuple[str, ...]) -> None:
    if given.get(name, choices[0]) not in choices:
        raise ConfigurationError(f"{name} cannot be {given[name]!r}.", f"It is one of: {', '.join(choices)}")
