"""The PIN that the card checks itself, plain or enciphered (EMV Book 3 §10.5.1, Book 2 §7)."""

from __future__ import annotations

from countertop.emv.apdu import Command
from countertop.emv.bits import TVR
from countertop.emv.certificates import CertificateError, recover_icc_key
from countertop.emv.data_authentication import encipher_pin
from countertop.emv.kernel.authentication import card_key, issuer_key, need
from countertop.emv.kernel.events import EnterPin, Note, Steps
from countertop.emv.kernel.risk import get_data
from countertop.emv.kernel.transaction import Transaction
from countertop.emv.pin_block import encode
from countertop.emv.rsa import PublicKey

PLAIN, ENCIPHERED = 0x80, 0x88
BLOCKED = (0x6983, 0x6984)
MOST_TRIES = 15


def verify_offline(t: Transaction, *, enciphered: bool) -> Steps[bool]:
    """Ask for the PIN until the card takes it, its tries are used up, or the cardholder passes it over."""
    if t.pin_refused:
        return False
    key = None
    if enciphered:
        try:
            key = _pin_key(t)
        except CertificateError as error:
            yield Note("decision", "PIN key", "unusable", str(error))
            return False
    tries = yield from get_data(t, 0x9F17)
    if tries == 0:
        t.tvr |= TVR.PIN_TRY_LIMIT
        yield Note("decision", "offline PIN", "blocked", "no tries are left")
        return False
    for attempt in range(MOST_TRIES):
        pin = yield EnterPin("card", tries, again=attempt > 0)
        if not pin:
            t.pin_refused = True
            t.tvr |= TVR.PIN_NOT_ENTERED
            return False
        status = yield from _verify(t, encode(2, pin, "", t.request.draw), key)
        if status == 0x9000:
            return True
        if status in BLOCKED or status == 0x63C0:
            t.tvr |= TVR.PIN_TRY_LIMIT
            yield Note("decision", "offline PIN", "blocked", "that was the last try")
            return False
        if status >> 4 != 0x63C:
            yield Note("decision", "offline PIN", "failed", f"the card answers VERIFY with {status:04X}")
            return False
        tries = status & 0x0F
        yield Note("decision", "offline PIN", "wrong", f"{tries} tries left")
    return False


def _verify(t: Transaction, block: bytes, key: PublicKey | None) -> Steps[int]:
    if key is None:
        response = yield from t.exchange(Command(0, 0x20, 0, PLAIN, block), "VERIFY")
        return response.sw
    challenge = yield from t.exchange(Command(0, 0x84, 0, 0, le=256), "GET CHALLENGE")
    if not challenge.ok or len(challenge.data) != 8:
        return challenge.sw if not challenge.ok else 0x6700
    data = encipher_pin(key, block, challenge.data, t.request.draw)
    response = yield from t.exchange(Command(0, 0x20, 0, ENCIPHERED, data), "VERIFY (enciphered)")
    return response.sw


def _pin_key(t: Transaction) -> PublicKey:
    """The key for PINs: one of its own, or the card's.  Raises CertificateError."""
    if 0x9F2D in t.data:
        remainder = t.data.get(0x9F2F, b"")
        return recover_icc_key(issuer_key(t), need(t, 0x9F2D), remainder, need(t, 0x9F2E), t.pan, t.request.date, b"")
    return t.icc_key or card_key(t)
