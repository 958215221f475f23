"""The PIN pad: a PIN for the issuer leaves it only under a key that is used once (DUKPT; card-hardware.md G.7, G.8).

The initial key of a device is derived from the base key as its maker would have; the counter is part of its state.
"""

from __future__ import annotations

import hashlib

from countertop.emv import dukpt_aes, dukpt_tdes, pin_block
from countertop.emv.des import encrypt
from countertop.emv.issuer_keys import pool
from countertop.readers.turn import Turn

# Which key set a device belongs to; the rest of a key serial number is the device and its counter.
TDES_KEY_SET = bytes.fromhex("FFFF9876")
AES_KEY_SET = bytes.fromhex("12345678")
COUNTER_BITS = 21


def take(turn: Turn, pin: str) -> None:
    """A PIN for the issuer was typed: it goes on in a block under the device's next key."""
    assert turn.sale.card is not None, "a card was read"
    pan = turn.room.reveal(turn.sale.card.token)
    aes = turn.sku.model.input.pin_encryption == "aes"
    counter = (dukpt_aes if aes else dukpt_tdes).next_counter(turn.state.pin_counter)
    device = hashlib.sha256(turn.state.serial.encode()).digest()
    block, ksn = (_aes if aes else _tdes)(turn, device, counter, pin, pan)
    turn.change(pin_counter=counter)
    turn.change_sale(pin_block=(block.hex().upper(), ksn.hex().upper(), "aes" if aes else "tdes"))


def _aes(turn: Turn, device: bytes, counter: int, pin: str, pan: str) -> tuple[bytes, bytes]:
    ksn = AES_KEY_SET + device[:4] + counter.to_bytes(4, "big")
    key = dukpt_aes.pin_key(dukpt_aes.initial_key(pool().bdk("aes"), ksn[:8]), ksn)
    return pin_block.encipher_format_4(key, pin, pan, turn.room.draw), ksn


def _tdes(turn: Turn, device: bytes, counter: int, pin: str, pan: str) -> tuple[bytes, bytes]:
    low = (int.from_bytes(device[:6], "big") >> COUNTER_BITS << COUNTER_BITS) | counter
    ksn = TDES_KEY_SET + low.to_bytes(6, "big")
    key = dukpt_tdes.pin_key(dukpt_tdes.initial_key(pool().bdk("tdes"), ksn), ksn)
    return encrypt(key, pin_block.encode(0, pin, pan, turn.room.draw)), ksn
