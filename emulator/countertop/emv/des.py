"""Triple DES as EMV uses it: blocks, chains, the retail MAC and its paddings (ISO/IEC 9797-1; card-hardware.md G).

Keys have 8 bytes (single DES), 16 or 24; parity bits count for nothing.  They always reach the cipher with 24 bytes:
`cryptography` is about to give shorter ones up.
"""

from __future__ import annotations

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

BLOCK = 8
NO_IV = bytes(BLOCK)


def expand(key: bytes) -> bytes:
    """The same key with 24 bytes.  Raises ValueError for one that has neither 8, 16 nor 24."""
    match len(key):
        case 8:
            return key * 3
        case 16:
            return key + key[:8]
        case 24:
            return key
    raise ValueError(f"a DES key has 8, 16 or 24 bytes, this one {len(key)}")


def encrypt(key: bytes, data: bytes) -> bytes:
    """Encipher whole blocks, each by itself (ECB).  Raises ValueError for a part of a block."""
    return Cipher(TripleDES(expand(key)), modes.ECB()).encryptor().update(_whole(data))


def decrypt(key: bytes, data: bytes) -> bytes:
    """Undo :func:`encrypt`."""
    return Cipher(TripleDES(expand(key)), modes.ECB()).decryptor().update(_whole(data))


def encrypt_cbc(key: bytes, iv: bytes, data: bytes) -> bytes:
    """Encipher whole blocks as a chain that begins with ``iv``.  Raises ValueError for a part of a block."""
    return Cipher(TripleDES(expand(key)), modes.CBC(iv)).encryptor().update(_whole(data))


def decrypt_cbc(key: bytes, iv: bytes, data: bytes) -> bytes:
    """Undo :func:`encrypt_cbc`."""
    return Cipher(TripleDES(expand(key)), modes.CBC(iv)).decryptor().update(_whole(data))


def mac3(key: bytes, padded: bytes) -> bytes:
    """The retail MAC (ISO/IEC 9797-1 algorithm 3) under a key of 16 bytes, of data in one or more whole blocks.

    A chain of single DES under the left half, whose last step is triple.  8 bytes.
    """
    if len(key) != 16 or not padded:
        raise ValueError("the retail MAC takes a key of 16 bytes, and one block at least")
    chain = encrypt_cbc(key[:8], NO_IV, padded[:-BLOCK])[-BLOCK:] or NO_IV
    return encrypt(key, xor(chain, padded[-BLOCK:]))


def pad1(data: bytes) -> bytes:
    """Padding method 1: zeros up to a whole block, none when it is whole."""
    return data + bytes(-len(data) % BLOCK)


def pad2(data: bytes) -> bytes:
    """Padding method 2: always 80, then zeros up to a whole block."""
    return pad1(data + b"\x80")


def unpad2(padded: bytes) -> bytes | None:
    """What was padded by method 2, None when it was not."""
    data = padded.rstrip(b"\x00")
    return data[:-1] if data.endswith(b"\x80") and len(padded) - len(data) < BLOCK else None


def odd_parity(key: bytes) -> bytes:
    """The same key, the last bit of each byte such that the number of ones is odd."""
    return bytes(byte ^ 1 ^ byte.bit_count() & 1 for byte in key)


def xor(left: bytes, right: bytes) -> bytes:
    """Bytes of one length, combined bit by bit.  Raises ValueError for two lengths."""
    if len(left) != len(right):
        raise ValueError(f"{len(left)} and {len(right)} bytes cannot be combined")
    return (int.from_bytes(left, "big") ^ int.from_bytes(right, "big")).to_bytes(len(left), "big")


def _whole(data: bytes) -> bytes:
    if len(data) % BLOCK:
        raise ValueError(f"{len(data)} bytes are no whole blocks of {BLOCK}")
    return data
