"""The cryptogram versions that there are (card-hardware.md G.3, G.5; docs/assumptions.md has what is unconfirmed)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from countertop.emv.cryptogram import AcData
from countertop.emv.cvn.answers import ByCode, ByStatusUpdate, NoAnswer
from countertop.emv.cvn.ciphering import ByLength, Padded, PaddedIfNeeded
from countertop.emv.cvn.pin_change import IsoBlock, VisaBlock, VisaBlockOverOld
from countertop.emv.cvn.scripts import ScriptRules
from countertop.emv.cvn.version import Cvn
from countertop.emv.des import pad1, pad2
from countertop.emv.iad import Layout, cvr_in, read_iad
from countertop.emv.keys import (
    following,
    script_key_common,
    script_key_visa,
    session_key_common,
    session_key_mastercard,
)


def _master(mk: bytes, data: AcData) -> bytes:
    return mk


def _common(mk: bytes, data: AcData) -> bytes:
    return session_key_common(mk, data.atc)


def _mastercard(mk: bytes, data: AcData) -> bytes:
    return session_key_mastercard(mk, data.atc, data.un)


def _whole_iad(data: AcData) -> bytes:
    return data.common + data.iad


def _visa_cvr(data: AcData) -> bytes:
    return data.common + cvr_in(Layout.VISA, data.iad)


def _visa_short(data: AcData) -> bytes:
    """Fast contactless payments: little data, and of the results only their first byte."""
    return data.amount + data.un + data.atc + data.iad[4:5]


def _mastercard_cvr(data: AcData) -> bytes:
    return data.common + cvr_in(Layout.MASTERCARD, data.iad)


def _mastercard_counters(data: AcData) -> bytes:
    return _mastercard_cvr(data) + data.iad[10:]


def _visa_key(mk: bytes, atc: bytes, ac: bytes, number: int) -> bytes:
    return script_key_visa(mk, atc)


def _same_key(mk: bytes, atc: bytes, ac: bytes, number: int) -> bytes:
    return script_key_common(mk, ac)


def _following_key(mk: bytes, atc: bytes, ac: bytes, number: int) -> bytes:
    return script_key_common(mk, ac, number)


def _transaction(atc: bytes, ac: bytes, number: int) -> bytes:
    return atc + ac


def _following_transaction(atc: bytes, ac: bytes, number: int) -> bytes:
    return atc + following(ac, number)


def _nothing(atc: bytes, ac: bytes, number: int) -> bytes:
    return b""


_VISA_SCRIPTS = ScriptRules(_visa_key, _transaction, ByLength(), VisaBlock())
_VISA_22_SCRIPTS = ScriptRules(_same_key, _transaction, ByLength(), VisaBlockOverOld())
_MASTERCARD_SCRIPTS = ScriptRules(_following_key, _following_transaction, PaddedIfNeeded(), IsoBlock())
_INTERAC_SCRIPTS = ScriptRules(_same_key, _nothing, PaddedIfNeeded(), IsoBlock())
_CCD_SCRIPTS = ScriptRules(_same_key, _transaction, Padded(), IsoBlock())

_VISA, _FORMAT_2, _MCHIP, _CCD = Layout.VISA, Layout.FORMAT_2, Layout.MASTERCARD, Layout.CCD
_BY_MASTER, _BY_COMMON = ByCode(_master, mastercard=True), ByCode(_common, mastercard=True)
_UPDATE = ByStatusUpdate(_common)

CVNS: Mapping[str, Cvn] = MappingProxyType(
    {
        cvn.name: cvn
        for cvn in (
            Cvn("visa_10", 0x0A, _VISA, _visa_cvr, pad1, _master, ByCode(_master), _VISA_SCRIPTS, True),
            Cvn("visa_17", 0x11, _VISA, _visa_short, pad1, _master, NoAnswer(), _VISA_SCRIPTS),
            Cvn("visa_18", 0x12, _VISA, _whole_iad, pad2, _common, _UPDATE, _VISA_SCRIPTS),
            Cvn("visa_22", 0x22, _FORMAT_2, _whole_iad, pad2, _common, _UPDATE, _VISA_22_SCRIPTS),
            Cvn("mastercard_16", 0x10, _MCHIP, _mastercard_cvr, pad2, _mastercard, _BY_MASTER, _MASTERCARD_SCRIPTS),
            Cvn(
                "mastercard_17", 0x11, _MCHIP, _mastercard_counters, pad2, _mastercard, _BY_MASTER, _MASTERCARD_SCRIPTS
            ),
            Cvn("mastercard_20", 0x14, _MCHIP, _mastercard_cvr, pad2, _common, _BY_COMMON, _MASTERCARD_SCRIPTS),
            Cvn("mastercard_21", 0x15, _MCHIP, _mastercard_counters, pad2, _common, _BY_COMMON, _MASTERCARD_SCRIPTS),
            Cvn("interac_133", 0x85, _VISA, _whole_iad, pad2, _mastercard, ByCode(_mastercard), _INTERAC_SCRIPTS),
            Cvn("ccd_5", 0xA5, _CCD, _whole_iad, pad2, _common, _UPDATE, _CCD_SCRIPTS),
        )
    }
)
"""All versions by name."""


def cvn_of(iad: bytes) -> Cvn | None:
    """The version that made a cryptogram, as its IAD says; None for one that is not known."""
    parts = read_iad(iad)
    if parts is None:
        return None
    return next((cvn for cvn in CVNS.values() if (cvn.layout, cvn.number) == (parts.layout, parts.number)), None)
