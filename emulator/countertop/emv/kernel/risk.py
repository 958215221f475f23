"""Terminal risk management: floor limit, random selection, velocity (EMV Book 3 §10.6; card-hardware.md E.6)."""

from __future__ import annotations

from countertop.emv.apdu import Command
from countertop.emv.bits import AIP, TSI, TVR
from countertop.emv.kernel.events import Note, Steps
from countertop.emv.kernel.transaction import Transaction
from countertop.emv.tlv import TlvError, find


def manage(t: Transaction) -> Steps[None]:
    """Set the bits of TVR byte 4 and the new card bit, if the card wants it done."""
    if t.request.force_online:
        t.tvr |= TVR.MERCHANT_FORCED_ONLINE
    if t.pan in t.request.exceptions:
        t.tvr |= TVR.ON_EXCEPTION_FILE
        yield Note("decision", "exception file", "listed", "this card is not to be served")
    if AIP.RISK_MANAGEMENT not in t.aip:
        return
    yield Note("step", "terminal risk management")
    t.tsi |= TSI.TERMINAL_RISK_MANAGEMENT
    application, amount = t.application, t.request.amount
    t.data[0x9F1B] = application.floor_limit.to_bytes(4, "big")
    if amount + t.request.earlier >= application.floor_limit:
        t.tvr |= TVR.FLOOR_LIMIT
        yield Note("decision", "floor limit", "exceeded", f"{amount} is not below {application.floor_limit}")
    elif _selected(t):
        t.tvr |= TVR.RANDOM_ONLINE
        yield Note("decision", "random selection", "online", "this transaction was drawn")
    if t.data.get(0x9F14) and t.data.get(0x9F23):
        yield from _velocity(t)


def _selected(t: Transaction) -> bool:
    application, amount = t.application, t.request.amount
    drawn = t.request.draw(1)[0] % 99 + 1
    if amount < application.threshold:
        return drawn <= application.target
    span = application.floor_limit - application.threshold
    biased = application.target + (application.most - application.target) * (amount - application.threshold) / span
    return drawn <= biased


def _velocity(t: Transaction) -> Steps[None]:
    atc = yield from get_data(t, 0x9F36)
    last = yield from get_data(t, 0x9F13)
    if last == 0:
        t.tvr |= TVR.NEW_CARD
        yield Note("decision", "new card", "yes", "it has never been online")
    if atc is None or last is None or atc <= last:
        t.tvr |= TVR.LOWER_CONSECUTIVE | TVR.UPPER_CONSECUTIVE
        yield Note("decision", "velocity", "exceeded", "the card does not say how often it was used offline")
        return
    offline = atc - last
    if offline > t.data[0x9F14][0]:
        t.tvr |= TVR.LOWER_CONSECUTIVE
        yield Note("decision", "velocity", "lower limit exceeded", f"{offline} since it was online")
    if offline > t.data[0x9F23][0]:
        t.tvr |= TVR.UPPER_CONSECUTIVE
        yield Note("decision", "velocity", "upper limit exceeded", f"{offline} since it was online")


def get_data(t: Transaction, tag: int) -> Steps[int | None]:
    """A counter of the card, None when it does not tell."""
    response = yield from t.exchange(Command(0x80, 0xCA, tag >> 8, tag & 0xFF, le=256), f"GET DATA {tag:04X}")
    if not response.ok:
        return None
    try:
        value = find(response.data, tag)
    except TlvError:
        return None
    if not value or len(value) > 2:
        return None
    t.data[tag] = value
    return int.from_bytes(value, "big")
