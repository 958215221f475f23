"""AES on whole blocks: what PIN blocks of format 4 and AES DUKPT are made of."""

from __future__ import annotations

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES

BLOCK = 16


def encrypt(key: bytes, data: bytes) -> bytes:
    """Encipher whole blocks, each by itself (ECB).  Raises ValueError for a part of a block, or no key."""
    return Cipher(AES(key), modes.ECB()).encryptor().update(_whole(data))


def decrypt(key: bytes, data: bytes) -> bytes:
    """Undo :func:`encrypt`."""
    return Cipher(AES(key), modes.ECB()).decryptor().update(_whole(data))


def _whole(data: bytes) -> bytes:
    if len(data) % BLOCK:
        raise ValueError(f"{len(data)} bytes are no whole blocks of {BLOCK}")
    return data
