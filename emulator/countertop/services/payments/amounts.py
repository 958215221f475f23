"""Which amounts and currencies a payment may have.

The smallest amounts are an assumption (docs/assumptions.md): the equivalent of half a US dollar.
"""

from __future__ import annotations

from countertop.accounts import CURRENCY_OF
from countertop.api.errors import invalid
from countertop.money import SYMBOLS, THREE_DECIMAL, ZERO_DECIMAL, show

LARGEST = 99_999_999
SMALLEST = {
    "gbp": 30, "dkk": 250, "sek": 300, "nok": 300, "czk": 1500, "huf": 17500, "myr": 200, "pln": 200, "hkd": 400,
    "ron": 200, "mxn": 1000, "aed": 200,
}  # fmt: skip
KNOWN = (
    frozenset(CURRENCY_OF.values())
    | ZERO_DECIMAL
    | THREE_DECIMAL
    | frozenset(SYMBOLS)
    | frozenset(
        (
            "afn all amd ang ars awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cdf cny cop crc cve dop dzd "
            "egp etb fjd fkp gel gip gmd gtq gyd hnl htg idr ils inr isk jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl "
            "mad mdl mkd mmk mnt mop mur mvr mwk mzn nad ngn nio npr pab pen pgk php pkr qar rsd rub sar sbd scr shp "
            "sle sos srd std szl thb tjs top try ttd twd tzs uah uyu uzs wst xcd yer zar zmw"
        ).split()
    )
)


def check_currency(text: str) -> str:
    """The currency in lower case.  Raises ApiError 400 for one that is not known."""
    currency = text.lower()
    if currency not in KNOWN:
        raise invalid(
            f"Invalid currency: {text[:20]}. Stripe currently supports these currencies: {', '.join(sorted(KNOWN))}",
            param="currency",
        )
    return currency


def check_amount(amount: int, currency: str, param: str = "amount") -> None:
    """Raises ApiError 400 for an amount (minor units) that is too small or too large to charge."""
    if amount < 1:
        raise invalid("This value must be greater than or equal to 1.", code="parameter_invalid_integer", param=param)
    smallest = SMALLEST.get(currency, 1 if currency in ZERO_DECIMAL and currency != "jpy" else 50)
    if amount < smallest:
        raise invalid(
            f"Amount must be at least {show(smallest, currency)} {currency}", code="amount_too_small", param=param
        )
    if amount > LARGEST:
        raise invalid(f"Amount must be no more than {show(LARGEST, currency)}", code="amount_too_large", param=param)
