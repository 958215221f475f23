"""Numeric codes of currencies (ISO 4217) and countries (ISO 3166-1), as terminals and networks write them."""

from __future__ import annotations

_CURRENCIES = """
aed 784 afn 971 all 008 amd 051 ang 532 aoa 973 ars 032 aud 036 awg 533 azn 944 bam 977 bbd 052 bdt 050 bgn 975 bhd 048
bif 108 bmd 060 bnd 096 bob 068 brl 986 bsd 044 bwp 072 byn 933 bzd 084 cad 124 cdf 976 chf 756 clp 152 cny 156 cop 170
crc 188 cve 132 czk 203 djf 262 dkk 208 dop 214 dzd 012 egp 818 etb 230 eur 978 fjd 242 fkp 238 gbp 826 gel 981 ghs 936
gip 292 gmd 270 gnf 324 gtq 320 gyd 328 hkd 344 hnl 340 htg 332 huf 348 idr 360 ils 376 inr 356 isk 352 jmd 388 jod 400
jpy 392 kes 404 kgs 417 khr 116 kmf 174 krw 410 kwd 414 kyd 136 kzt 398 lak 418 lbp 422 lkr 144 lrd 430 lsl 426 mad 504
mdl 498 mga 969 mkd 807 mmk 104 mnt 496 mop 446 mur 480 mvr 462 mwk 454 mxn 484 myr 458 mzn 943 nad 516 ngn 566 nio 558
nok 578 npr 524 nzd 554 omr 512 pab 590 pen 604 pgk 598 php 608 pkr 586 pln 985 pyg 600 qar 634 ron 946 rsd 941 rub 643
rwf 646 sar 682 sbd 090 scr 690 sek 752 sgd 702 shp 654 sle 925 sos 706 srd 968 std 678 szl 748 thb 764 tjs 972 tnd 788
top 776 try 949 ttd 780 twd 901 tzs 834 uah 980 ugx 800 usd 840 uyu 858 uzs 860 vnd 704 vuv 548 wst 882 xaf 950 xcd 951
xof 952 xpf 953 yer 886 zar 710 zmw 967
"""
_COUNTRIES = """
AE 784 AR 032 AT 040 AU 036 BE 056 BG 100 BR 076 CA 124 CH 756 CL 152 CN 156 CO 170 CY 196 CZ 203 DE 276 DK 208 EE 233
ES 724 FI 246 FR 250 GB 826 GI 292 GR 300 HK 344 HR 191 HU 348 ID 360 IE 372 IN 356 IT 380 JP 392 KR 410 LI 438 LT 440
LU 442 LV 428 MT 470 MX 484 MY 458 NL 528 NO 578 NZ 554 PH 608 PL 616 PT 620 RO 642 SE 752 SG 702 SI 705 SK 703 TH 764
TR 792 TW 158 US 840 VN 704 ZA 710
"""


def _table(text: str) -> dict[str, str]:
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


CURRENCIES = _table(_CURRENCIES)
COUNTRIES = _table(_COUNTRIES)
UNKNOWN = "000"


def currency_number(currency: str) -> str:
    """Three digits for a currency's letters (``usd``: ``840``); ``000`` for letters that the table lacks."""
    return CURRENCIES.get(currency.lower(), UNKNOWN)


def country_number(country: str) -> str:
    """Three digits for a country's two letters (``US``: ``840``); ``000`` for letters that the table lacks."""
    return COUNTRIES.get(country.upper(), UNKNOWN)


def packed(number: str) -> bytes:
    """Three digits as EMV writes them, in two bytes: ``0840``."""
    return bytes.fromhex(number.rjust(4, "0"))
