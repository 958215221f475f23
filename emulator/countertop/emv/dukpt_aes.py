"""Keys that are used once, of AES (ANSI X9.24-3; G.8).

As :mod:`countertop.emv.dukpt_tdes`, with a key serial number of 12 bytes: 8 that name the initial key (base key,
device), then 32 bits of counter.
"""

from __future__ import annotations

from enum import IntEnum

from countertop.emv import aes
from countertop.emv.dukpt_counter import DukptError, following

KSN_BYTES, ID_BYTES = 12, 8
COUNTER_BITS, MOST_ONES = 32, 16
LAST_COUNTER = (1 << COUNTER_BITS) - 1
_VERSION = 1
_ALGORITHMS = {128: 0x0002, 192: 0x0003, 256: 0x0004}


class Usage(IntEnum):
    """What a derived key is for."""

    KEY_ENCRYPTION = 0x0002
    PIN = 0x1000
    MAC_GENERATE = 0x2000
    MAC_VERIFY = 0x2001
    MAC = 0x2002
    DATA_ENCRYPT = 0x3000
    DATA_DECRYPT = 0x3001
    DATA = 0x3002
    DERIVATION = 0x8000
    INITIAL_KEY = 0x8001


def initial_key(bdk: bytes, ksn: bytes) -> bytes:
    """A device's first key, as long as the base key.

    ``ksn``: all of a key serial number, or the 8 bytes that name the key.  Raises DukptError.
    """
    if len(ksn) not in (ID_BYTES, KSN_BYTES):
        raise DukptError(f"a key serial number has {KSN_BYTES} bytes, or {ID_BYTES} without its counter")
    return _derive(bdk, Usage.INITIAL_KEY, len(bdk) * 8, ksn[:ID_BYTES])


def transaction_key(initial: bytes, ksn: bytes) -> bytes:
    """The key of one use, from which the working keys follow.  Raises DukptError."""
    device, counter = _parts(ksn)
    if not 0 < counter.bit_count() <= MOST_ONES:
        raise DukptError(f"no use has the counter {counter:08X}")
    return _walk(initial, device, counter)


def working_key(initial: bytes, ksn: bytes, usage: Usage, bits: int = 128) -> bytes:
    """A key of one use for one purpose, an AES key of 128, 192 or 256 bits.  Raises DukptError."""
    return _derive(transaction_key(initial, ksn), usage, bits, ksn[4:])


def pin_key(initial: bytes, ksn: bytes) -> bytes:
    """The key for the PIN block of one use, 128 bits.  Raises DukptError."""
    return working_key(initial, ksn, Usage.PIN)


def update_key(initial: bytes, ksn: bytes) -> bytes:
    """The key under which a device is sent another initial key.  Of ``ksn`` only the device counts."""
    device, _ = _parts(ksn)
    context = device + LAST_COUNTER.to_bytes(4, "big")
    return _derive(_walk(initial, device, LAST_COUNTER), Usage.KEY_ENCRYPTION, len(initial) * 8, context)


def next_counter(counter: int) -> int:
    """The counter of the use after this one; those with more than 16 one bits are passed over.

    Raises DukptError when there is none.
    """
    return following(counter, MOST_ONES, LAST_COUNTER)


def _parts(ksn: bytes) -> tuple[bytes, int]:
    """The device, and the counter."""
    if len(ksn) != KSN_BYTES:
        raise DukptError(f"a key serial number has {KSN_BYTES} bytes, this one {len(ksn)}")
    return ksn[4:8], int.from_bytes(ksn[8:], "big")


def _walk(key: bytes, device: bytes, counter: int) -> bytes:
    so_far = 0
    for bit in reversed(range(COUNTER_BITS)):
        if counter >> bit & 1:
            so_far |= 1 << bit
            key = _derive(key, Usage.DERIVATION, len(key) * 8, device + so_far.to_bytes(4, "big"))
    return key


def _derive(key: bytes, usage: Usage, bits: int, context: bytes) -> bytes:
    """A key from a key.  ``context``: 8 bytes."""
    if bits not in _ALGORITHMS:
        raise DukptError(f"there is no AES key of {bits} bits")
    fixed = usage.to_bytes(2, "big") + _ALGORITHMS[bits].to_bytes(2, "big") + bits.to_bytes(2, "big") + context
    blocks = b"".join(bytes((_VERSION, number)) + fixed for number in range(1, -(-bits // 128) + 1))
    return aes.encrypt(key, blocks)[: bits // 8]
