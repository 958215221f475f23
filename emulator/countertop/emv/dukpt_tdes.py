"""Keys that are used once, of triple DES (ANSI X9.24-1; G.8).

A device begins with an initial key, which its maker derives from the base key and the device's name.  Each use has a
number and a key of its own; key serial number (10 bytes: key set and device, then 21 bits of counter) and base key
give it to the receiver.
"""

from __future__ import annotations

from countertop.emv.des import encrypt, xor
from countertop.emv.dukpt_counter import DukptError, following

KSN_BYTES, KEY_BYTES = 10, 16
COUNTER_BITS, MOST_ONES = 21, 10
LAST_COUNTER = (1 << COUNTER_BITS) - 1
_LEFT_HALF = bytes.fromhex("C0C0C0C000000000")
_BASE_VARIANT = _LEFT_HALF * 2
# Which byte of each half tells a use.
_PIN, _MAC_REQUEST, _MAC_RESPONSE, _DATA_REQUEST, _DATA_RESPONSE = 7, 6, 4, 5, 3


def initial_key(bdk: bytes, ksn: bytes) -> bytes:
    """A device's first key.  Of ``ksn`` only the device counts.  Raises DukptError."""
    device = (_number(ksn) & ~LAST_COUNTER).to_bytes(KSN_BYTES, "big")[:8]
    return encrypt(bdk, device) + encrypt(xor(bdk, _BASE_VARIANT), device)


def transaction_key(initial: bytes, ksn: bytes) -> bytes:
    """The key of one use, from which those for each purpose follow.  Raises DukptError."""
    number = _number(ksn)
    counter = number & LAST_COUNTER
    if not 0 < counter.bit_count() <= MOST_ONES:
        raise DukptError(f"no use has the counter {counter:06X}")
    key, register = initial, number & ~LAST_COUNTER & (1 << 64) - 1
    for bit in reversed(range(COUNTER_BITS)):
        if counter >> bit & 1:
            register |= 1 << bit
            key = _next(key, register.to_bytes(8, "big"))
    return key


def pin_key(initial: bytes, ksn: bytes) -> bytes:
    """The key for the PIN block of one use.  Raises DukptError."""
    return _variant(transaction_key(initial, ksn), _PIN)


def mac_key(initial: bytes, ksn: bytes, *, response: bool = False) -> bytes:
    """The key for MACs of one use, on the way there or back.  Raises DukptError."""
    return _variant(transaction_key(initial, ksn), _MAC_RESPONSE if response else _MAC_REQUEST)


def data_key(initial: bytes, ksn: bytes, *, response: bool = False) -> bytes:
    """The key for data of one use, on the way there or back.  Raises DukptError."""
    variant = _variant(transaction_key(initial, ksn), _DATA_RESPONSE if response else _DATA_REQUEST)
    return encrypt(variant, variant)


def next_counter(counter: int) -> int:
    """The counter of the use after this one; those with more than ten one bits are passed over.

    Raises DukptError when there is none.
    """
    return following(counter, MOST_ONES, LAST_COUNTER)


def _number(ksn: bytes) -> int:
    if len(ksn) != KSN_BYTES:
        raise DukptError(f"a key serial number has {KSN_BYTES} bytes, this one {len(ksn)}")
    return int.from_bytes(ksn, "big")


def _next(key: bytes, register: bytes) -> bytes:
    return _half(xor(key, _BASE_VARIANT), register) + _half(key, register)


def _half(key: bytes, register: bytes) -> bytes:
    left, right = key[:8], key[8:]
    return xor(encrypt(left, xor(register, right)), right)


def _variant(key: bytes, at: int) -> bytes:
    half = bytes(0xFF if index == at else 0 for index in range(8))
    return xor(key, half * 2)
