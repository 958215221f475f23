"""The issuer's side of a PIN: the block is opened here and nowhere else (DUKPT; card-hardware.md G.7, G.8)."""

from __future__ import annotations

from countertop.emv import dukpt_aes, dukpt_tdes, pin_block
from countertop.emv.des import decrypt
from countertop.emv.issuer_keys import pool
from countertop.network.messages import PinBlock


def pin_of(sent: PinBlock, number: str) -> str | None:
    """The PIN in an enciphered block; None for a block that opens under no key of ours."""
    try:
        block, ksn = bytes.fromhex(sent.block), bytes.fromhex(sent.ksn)
        if sent.algorithm == "aes":
            initial = dukpt_aes.initial_key(pool().bdk("aes"), ksn)
            return pin_block.decipher_format_4(dukpt_aes.pin_key(initial, ksn), block, number)
        initial = dukpt_tdes.initial_key(pool().bdk("tdes"), ksn)
        return pin_block.decode(0, decrypt(dukpt_tdes.pin_key(initial, ksn), block), number)
    except ValueError:
        return None
