"""Made-up bank accounts to send money for cards to: an IBAN, a sort code, or a routing number (issuing.md §9.3)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from countertop.accounts import Account
    from countertop.api.scope import Document

# Currency → the kind of transfer that is usual for it; any kind can be asked for.
TYPE_OF: Mapping[str, str] = MappingProxyType(
    {"eur": "eu_bank_transfer", "gbp": "gb_bank_transfer", "usd": "us_bank_transfer"}
)
COUNTRIES: Mapping[str, str] = MappingProxyType(
    {"eu_bank_transfer": "IE", "gb_bank_transfer": "GB", "us_bank_transfer": "US"}
)
ROUTING_NUMBER, SORT_CODE, BIC, BANK = "110000000", "108800", "COUNIE2DXXX", "COUNTERTOP TEST BANK"


def address_for(kind: str, account: Account, currency: str) -> Document:
    """One of ``financial_addresses``; the same for the same account and currency."""
    number, holder = _digits(f"{account.id}:{currency}"), account.business_name
    match kind:
        case "gb_bank_transfer":
            details = {"account_holder_name": holder, "account_number": number[:8], "sort_code": SORT_CODE}
            return {"sort_code": details, "supported_networks": ["bacs", "fps"], "type": "sort_code"}
        case "eu_bank_transfer":
            details = {"account_holder_name": holder, "bic": BIC, "country": "IE", "iban": _iban(number)}
            return {"iban": details, "supported_networks": ["sepa"], "type": "iban"}
    details = {"account_number": number[:12], "bank_name": BANK, "routing_number": ROUTING_NUMBER}
    return {"aba": details, "supported_networks": ["ach", "domestic_wire_us"], "type": "aba"}


def _digits(name: str) -> str:
    return str(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")).zfill(20)


def _iban(number: str) -> str:
    """An Irish IBAN with its check digits (ISO 13616)."""
    own = BIC[:4] + number[:14]
    figures = "".join(str(int(letter, 36)) for letter in own + "IE00")
    return f"IE{98 - int(figures) % 97:02d}{own}"
