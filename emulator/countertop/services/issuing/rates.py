"""Exchange rates: a fixed table, so that a test has the same amounts on every day (issuing.md §16).

Rates are rough and deliberately round.  ``settings.rates`` puts others in their place, by account.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from countertop.api.errors import invalid
from countertop.money import decimals

# What one whole unit is worth in US dollars.
_IN_DOLLARS = """
aed 0.27 afn 0.014 all 0.011 amd 0.0026 ang 0.56 aoa 0.0011 ars 0.001 aud 0.65 awg 0.56 azn 0.59 bam 0.55 bbd 0.5
bdt 0.0083 bgn 0.55 bhd 2.65 bif 0.00034 bmd 1 bnd 0.75 bob 0.145 brl 0.18 bsd 1 bwp 0.073 byn 0.3 bzd 0.5
cad 0.73 cdf 0.00036 chf 1.12 clp 0.00105 cny 0.14 cop 0.00024 crc 0.002 cve 0.0098 czk 0.043 djf 0.0056 dkk 0.145
dop 0.0165 dzd 0.0074 egp 0.02 etb 0.0075 eur 1.08 fjd 0.44 fkp 1.27 gbp 1.27 gel 0.36 ghs 0.065 gip 1.27 gmd 0.014
gnf 0.000116 gtq 0.13 gyd 0.0048 hkd 0.128 hnl 0.04 htg 0.0076 huf 0.0027 idr 0.000062 ils 0.27 inr 0.012
isk 0.0072 jmd 0.0063 jod 1.41 jpy 0.0067 kes 0.0077 kgs 0.0115 khr 0.00025 kmf 0.0022 krw 0.00073 kwd 3.25 kyd 1.2
kzt 0.002 lak 0.000046 lbp 0.000011 lkr 0.0033 lrd 0.0052 lsl 0.055 mad 0.1 mdl 0.056 mga 0.00022 mkd 0.0175
mmk 0.00048 mnt 0.00029 mop 0.124 mur 0.0215 mvr 0.065 mwk 0.00058 mxn 0.055 myr 0.22 mzn 0.0157 nad 0.055 ngn 0.00065
nio 0.027 nok 0.094 npr 0.0075 nzd 0.6 omr 2.6 pab 1 pen 0.27 pgk 0.25 php 0.0175 pkr 0.0036 pln 0.25 pyg 0.00013
qar 0.275 ron 0.22 rsd 0.0092 rub 0.011 rwf 0.00075 sar 0.267 sbd 0.12 scr 0.074 sek 0.094 sgd 0.75 shp 1.27 sle 0.044
sos 0.00175 srd 0.033 std 0.000044 szl 0.055 thb 0.028 tjs 0.092 tnd 0.32 top 0.42 try 0.029 ttd 0.147 twd 0.031
tzs 0.00038 uah 0.024 ugx 0.00027 usd 1 uyu 0.025 uzs 0.000079 vnd 0.00004 vuv 0.0084 wst 0.36 xaf 0.00165 xcd 0.37
xof 0.00165 xpf 0.0091 yer 0.004 zar 0.055 zmw 0.037
"""


@functools.cache
def table() -> Mapping[str, Decimal]:
    """What one unit of each currency that the API knows is worth in US dollars."""
    words = _IN_DOLLARS.split()
    return {name: Decimal(rate) for name, rate in zip(words[::2], words[1::2], strict=True)}


def convert(amount: int, source: str, target: str, changed: Mapping[str, str]) -> int:
    """``amount`` minor units of ``source`` in minor units of ``target``, rounded half up.

    ``changed``: the account's own rates, dollars for a unit.  Raises ApiError 400 for a currency without a rate.
    """
    if source == target:
        return amount
    known = table()
    rates = [_rate(name, known, changed) for name in (source, target)]
    exact = Decimal(amount) * rates[0] / rates[1] * Decimal(10) ** (decimals(target) - decimals(source))
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def share(whole: int, part: int, of: int) -> int:
    """``part`` of ``of``, applied to ``whole``, rounded half up: the merchant's side of part of an amount."""
    if part == of:
        return whole
    if of == 0:
        return part
    return int((Decimal(whole) * part / of).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _rate(name: str, known: Mapping[str, Decimal], changed: Mapping[str, str]) -> Decimal:
    rate = Decimal(changed[name]) if name in changed else known.get(name)
    if rate is None:
        raise invalid(f"Invalid currency: {name[:20]}. There is no exchange rate for it here.", param="currency")
    return rate
