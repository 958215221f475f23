"""Processing restrictions: versions, usage control, dates (EMV Book 3 §10.4)."""

from __future__ import annotations

from countertop.emv.bits import AUC, TVR
from countertop.emv.kernel.events import Note, Steps
from countertop.emv.kernel.transaction import Transaction

CASH, CASHBACK = 0x01, 0x09
# Years of two digits: 50 to 99 are of the last century (EMV Book 4 §6.7.3).
FIRST_OF_LAST_CENTURY = 50
_BANK_ATM = 0x14


def restrict(t: Transaction) -> Steps[None]:
    """Set the bits of TVR byte 2; nothing is refused here."""
    yield Note("step", "processing restrictions")
    version = t.data.get(0x9F08)
    if version is not None and version != t.data[0x9F09]:
        t.tvr |= TVR.VERSIONS_DIFFER
        yield Note("decision", "version", "differs", f"card {version.hex()}, terminal {t.data[0x9F09].hex()}")
    if not is_service_allowed(t):
        t.tvr |= TVR.SERVICE_NOT_ALLOWED
        yield Note("decision", "usage control", "not allowed", "the card is not for this kind of service here")
    today = _day(bytes.fromhex(t.request.date))
    effective = t.data.get(0x5F25)
    if effective is not None and _day(effective) > today:
        t.tvr |= TVR.NOT_YET_EFFECTIVE
        yield Note("decision", "dates", "not yet effective", f"from {effective.hex()} on")
    if is_expired(t):
        t.tvr |= TVR.EXPIRED
        yield Note("decision", "dates", "expired", f"on {t.data[0x5F24].hex()}")


def is_expired(t: Transaction) -> bool:
    """Whether the card's last day is over."""
    return _day(t.data[0x5F24]) < _day(bytes.fromhex(t.request.date))


def is_service_allowed(t: Transaction) -> bool:
    """Whether the usage control of the card, if it has one, is for what is done here."""
    control = t.data.get(0x9F07)
    if control is None:
        return True
    allowed = AUC(int.from_bytes(control, "big"))
    if (AUC.ATM if t.terminal.kind == _BANK_ATM else AUC.OTHER_THAN_ATM) not in allowed:
        return False
    country = t.data.get(0x5F28)
    if country is None:
        return True
    domestic = country == t.terminal.country
    if t.request.type == CASH:
        return (AUC.DOMESTIC_CASH if domestic else AUC.INTERNATIONAL_CASH) in allowed
    cashback = AUC.DOMESTIC_CASHBACK if domestic else AUC.INTERNATIONAL_CASHBACK
    if t.request.type == CASHBACK and cashback not in allowed:
        return False
    goods = AUC.DOMESTIC_GOODS | AUC.DOMESTIC_SERVICES
    abroad = AUC.INTERNATIONAL_GOODS | AUC.INTERNATIONAL_SERVICES
    return bool(allowed & (goods if domestic else abroad))


def _day(packed: bytes) -> str:
    text = packed.hex()
    return ("19" if int(text[:2]) >= FIRST_OF_LAST_CENTURY else "20") + text
