"""Cardholder verification: the CVM list, rule by rule (EMV Book 3 §10.5; card-hardware.md E.5)."""

from __future__ import annotations

from countertop.emv import cvm
from countertop.emv.bits import AIP, TSI, TVR
from countertop.emv.cvm import CvmList, Rule
from countertop.emv.kernel.events import EnterPin, Note, Steps
from countertop.emv.kernel.offline_pin import verify_offline
from countertop.emv.kernel.restrictions import CASH, CASHBACK
from countertop.emv.kernel.transaction import Transaction
from countertop.emv.tlv import TlvError

UNKNOWN, FAILED, SUCCESSFUL = 0, 1, 2
# Bits of 9F33 byte 2 that a method needs.
_NEEDS = {
    cvm.PLAINTEXT_PIN: 0x80,
    cvm.PLAINTEXT_PIN_AND_SIGNATURE: 0x80 | 0x20,
    cvm.ONLINE_PIN: 0x40,
    cvm.SIGNATURE: 0x20,
    cvm.ENCIPHERED_PIN: 0x10,
    cvm.ENCIPHERED_PIN_AND_SIGNATURE: 0x10 | 0x20,
    cvm.NO_CVM: 0x08,
}
_PIN_METHODS = cvm.OFFLINE_PIN | {cvm.ONLINE_PIN}
_UNATTENDED = (4, 5, 6)


def verify(t: Transaction) -> Steps[None]:
    """Walk the list; sets tag 9F34, TVR byte 3 and the TSI bit.  Raises what the card's silence raises."""
    t.data[0x9F34] = bytes((cvm.NOT_PERFORMED, 0, UNKNOWN))
    if AIP.CARDHOLDER_VERIFICATION not in t.aip:
        return
    yield Note("step", "cardholder verification")
    try:
        rules = CvmList.parse(t.data[0x8E]) if 0x8E in t.data else None
    except TlvError:
        rules = None
    if rules is None or not rules.rules:
        yield Note("decision", "CVM", "none", "the card has no list of methods")
        if rules is None:
            t.tvr |= TVR.ICC_DATA_MISSING
        return
    t.tsi |= TSI.CV_PERFORMED
    last = Rule(cvm.NOT_PERFORMED, 0)
    for rule in rules.rules:
        if not _applies(t, rules, rule):
            continue
        last = rule
        result = yield from _perform(t, rule)
        yield Note("decision", "CVM", _RESULT_NAMES[result], rule.words)
        if result != FAILED:
            t.data[0x9F34] = bytes((rule.code, rule.condition, result))
            return
        if not rule.else_next:
            break
    t.tvr |= TVR.CV_FAILED
    t.data[0x9F34] = bytes((last.code, last.condition, FAILED))
    yield Note("decision", "cardholder verification", "failed", "no method of the list succeeded")


_RESULT_NAMES = {UNKNOWN: "done, the result is not known yet", FAILED: "failed", SUCCESSFUL: "successful"}


def _applies(t: Transaction, rules: CvmList, rule: Rule) -> bool:
    unattended, kind = t.terminal.kind & 0x0F in _UNATTENDED, t.request.type
    cash = kind == CASH
    match rule.condition:
        case cvm.ALWAYS:
            return True
        case cvm.UNATTENDED_CASH:
            return cash and unattended
        case cvm.NO_CASH:
            return not cash and kind != CASHBACK
        case cvm.IF_SUPPORTED:
            return rule.method not in _NEEDS or supported(t, rule.method)
        case cvm.MANUAL_CASH:
            return cash and not unattended
        case cvm.CASHBACK:
            return kind == CASHBACK
    if t.data.get(0x9F42) != t.request.currency:
        return False
    amount = t.request.amount
    match rule.condition:
        case cvm.UNDER_X:
            return amount < rules.x
        case cvm.OVER_X:
            return amount > rules.x
        case cvm.UNDER_Y:
            return amount < rules.y
        case cvm.OVER_Y:
            return amount > rules.y
    return False


def supported(t: Transaction, method: int) -> bool:
    """Whether the terminal can do a method."""
    bits = _NEEDS.get(method, 0)
    return bits != 0 and t.terminal.capabilities[1] & bits == bits


def _perform(t: Transaction, rule: Rule) -> Steps[int]:
    method = rule.method
    if method == cvm.FAIL:
        return FAILED
    if method not in _NEEDS:
        t.tvr |= TVR.UNRECOGNISED_CVM
        return FAILED
    if not supported(t, method):
        if method in _PIN_METHODS:
            t.tvr |= TVR.PIN_PAD_MISSING
        return FAILED
    if method == cvm.NO_CVM:
        return SUCCESSFUL
    if method == cvm.SIGNATURE:
        return UNKNOWN
    if method == cvm.ONLINE_PIN:
        return (yield from _online_pin(t))
    enciphered = method in (cvm.ENCIPHERED_PIN, cvm.ENCIPHERED_PIN_AND_SIGNATURE)
    right = yield from verify_offline(t, enciphered=enciphered)
    if not right:
        return FAILED
    return UNKNOWN if method in cvm.WITH_SIGNATURE else SUCCESSFUL


def _online_pin(t: Transaction) -> Steps[int]:
    if t.pin_refused:
        return FAILED
    if t.pin_later:
        t.pin_due = True
        t.tvr |= TVR.ONLINE_PIN
        return UNKNOWN
    entered = yield EnterPin("issuer")
    if not entered:
        t.pin_refused = True
        t.tvr |= TVR.PIN_NOT_ENTERED
        return FAILED
    t.tvr |= TVR.ONLINE_PIN
    return UNKNOWN
