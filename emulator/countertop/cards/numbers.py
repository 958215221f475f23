"""Card numbers: check digit, brand, and how a number is shown.

Brand ranges are the public issuer identification ranges (ISO/IEC 7812), first digits only.
"""

from __future__ import annotations

# Longest prefix first wins; a range is written with its first and last prefix.
_BRANDS: tuple[tuple[str, str, str], ...] = (
    ("4506445", "4506445", "interac"),
    ("628000", "628000", "eftpos_au"),
    ("3528", "3589", "jcb"),
    ("2221", "2720", "mastercard"),
    ("6011", "6011", "discover"),
    ("644", "649", "discover"),
    ("300", "305", "diners"),
    ("65", "65", "discover"),
    ("62", "62", "unionpay"),
    ("81", "81", "unionpay"),
    ("51", "55", "mastercard"),
    ("34", "34", "amex"),
    ("37", "37", "amex"),
    ("36", "36", "diners"),
    ("38", "39", "diners"),
    ("4", "4", "visa"),
)


def is_valid_number(number: str) -> bool:
    """True for 12 to 19 digits with a right check digit (ISO/IEC 7812-1 annex B, the Luhn formula)."""
    if not (number.isascii() and number.isdigit() and 12 <= len(number) <= 19):
        return False
    return _sum(number) % 10 == 0


def check_digit(body: str) -> str:
    """The digit that makes a number of these digits valid."""
    return str(-_sum(body + "0") % 10)


def brand_of(number: str) -> str:
    """The brand of a number by its first digits, in the API's words; ``unknown`` when in no range."""
    for first, last, brand in _BRANDS:
        if first <= number[: len(first)] <= last:
            return brand
    return "unknown"


def mask(number: str) -> str:
    """A number as it may be shown: ``424242******4242``."""
    if len(number) < 12:
        return "*" * len(number)
    return f"{number[:6]}{'*' * (len(number) - 10)}{number[-4:]}"


def _sum(number: str) -> int:
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total
