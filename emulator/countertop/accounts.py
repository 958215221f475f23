"""Accounts: who the keys belong to, and what only a dashboard could set about them (api-conventions §2)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from countertop.errors import ConfigurationError

# Countries that Terminal knows, with their local currency (terminal.md §5.1).
CURRENCY_OF = {
    "US": "usd", "CA": "cad", "GB": "gbp", "IE": "eur", "SG": "sgd", "AU": "aud", "NZ": "nzd", "FR": "eur",
    "DE": "eur", "NL": "eur", "AT": "eur", "BE": "eur", "ES": "eur", "FI": "eur", "IT": "eur", "LU": "eur",
    "PT": "eur", "DK": "dkk", "SE": "sek", "NO": "nok", "CH": "chf", "CZ": "czk", "MY": "myr", "PL": "pln",
    "JP": "jpy", "HK": "hkd", "AE": "aed", "GR": "eur", "BG": "eur", "CY": "eur", "EE": "eur", "HR": "eur",
    "LT": "eur", "LV": "eur", "MT": "eur", "SI": "eur", "SK": "eur", "HU": "huf", "RO": "ron", "LI": "chf",
    "GI": "gbp", "MX": "mxn",
}  # fmt: skip

ADDRESSES = {
    "US": {"line1": "510 Townsend St", "city": "San Francisco", "state": "CA", "postal_code": "94103"},
    "GB": {"line1": "9 Appold Street", "city": "London", "postal_code": "EC2A 2AP"},
}
ANYWHERE = {"line1": "1 Main Street", "city": "Town", "state": "State", "postal_code": "1000"}


def shop_address(country: str) -> dict[str, str]:
    """Where a shop stands when nobody cares: an address with every member that a country may require (§1.2)."""
    return ADDRESSES.get(country, ANYWHERE) | {"country": country}


def location_params(name: str, address: dict[str, str]) -> dict[str, Any]:
    """The parameters of a Terminal location: Japan has its addresses in kanji (terminal.md §1.2)."""
    member = "address_kanji" if address["country"] == "JP" else "address"
    return {"display_name": name, member: address}


@dataclass(frozen=True, slots=True)
class Account:
    """One account.  ``suffix`` is the part of its keys after ``sk_test_`` (None for a connected account, which has
    no keys of its own); ``platform`` is the account that a connected account belongs to."""

    id: str
    suffix: str | None = None
    country: str = "US"
    default_currency: str = "usd"
    mcc: str = "5734"
    business_name: str = "Countertop Test Shop"
    statement_descriptor: str = "COUNTERTOP"
    platform: str | None = None

    def with_settings(self, **settings: Any) -> Account:
        """A copy with other settings; a new country brings its currency unless one is given.

        Raises ConfigurationError for a country Terminal does not know or a setting that does not exist.
        """
        if "country" in settings:
            country = str(settings["country"]).upper()
            if country not in CURRENCY_OF:
                known = " ".join(sorted(CURRENCY_OF))
                raise ConfigurationError(f"Unknown account country {country!r}.", f"Known countries: {known}")
            settings["country"] = country
            settings.setdefault("default_currency", CURRENCY_OF[country])
        allowed = {"country", "default_currency", "mcc", "business_name", "statement_descriptor"}
        unknown = sorted(set(settings) - allowed)
        if unknown:
            raise ConfigurationError(
                f"Unknown account setting {unknown[0]!r}.", f"Known settings: {', '.join(sorted(allowed))}"
            )
        mcc = str(settings.get("mcc", self.mcc))
        if not (len(mcc) == 4 and mcc.isascii() and mcc.isdigit()):
            raise ConfigurationError(f"{mcc[:20]!r} is no merchant category code.", "It has four digits, such as 5734.")
        currency = str(settings.get("default_currency", self.default_currency))
        if not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
            raise ConfigurationError(f"{currency[:20]!r} is no currency.", "It has three letters, such as usd.")
        return replace(self, **settings | {"default_currency": currency.lower(), "mcc": mcc})

    def document(self) -> dict[str, Any]:
        """The row that the store keeps."""
        return asdict(self)
