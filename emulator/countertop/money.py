"""Amounts: minor currency units in, text for people out (api-conventions §8.4)."""

from __future__ import annotations

ZERO_DECIMAL = frozenset("bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf".split())
THREE_DECIMAL = frozenset("bhd jod kwd omr tnd".split())
SYMBOLS = {
    "usd": "$", "cad": "CA$", "gbp": "£", "eur": "€", "aud": "A$", "nzd": "NZ$", "sgd": "S$", "jpy": "¥",
    "hkd": "HK$", "myr": "RM",
}  # fmt: skip


def decimals(currency: str) -> int:
    """How many decimals the currency's minor unit has: 0, 2 or 3."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def show(amount: int, currency: str) -> str:
    """``amount`` minor units as a person reads them: ``show(1250, "usd") == "$12.50"``."""
    places = decimals(currency)
    sign = "-" if amount < 0 else ""
    whole, part = divmod(abs(amount), 10**places)
    number = f"{whole:,}" + (f".{part:0{places}d}" if places else "")
    symbol = SYMBOLS.get(currency)
    return f"{sign}{symbol}{number}" if symbol else f"{sign}{number} {currency.upper()}"
