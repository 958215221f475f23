"""How the data of a script command is enciphered: three habits (G.5)."""

from __future__ import annotations

from typing import Protocol

from countertop.emv.des import BLOCK, NO_IV, decrypt, decrypt_cbc, encrypt, encrypt_cbc, pad2, unpad2


class Ciphering(Protocol):
    """One habit."""

    def encipher(self, key: bytes, data: bytes) -> bytes:
        """Whole blocks."""
        ...

    def decipher(self, key: bytes, body: bytes) -> bytes | None:
        """What was enciphered, None for what cannot have been."""
        ...


class ByLength:
    """Visa: a length byte in front, padded, each block by itself."""

    def encipher(self, key: bytes, data: bytes) -> bytes:
        """Whole blocks."""
        return encrypt(key, pad2(bytes((len(data),)) + data))

    def decipher(self, key: bytes, body: bytes) -> bytes | None:
        """What was enciphered, None for what cannot have been."""
        if not _are_blocks(body):
            return None
        clear = unpad2(decrypt(key, body))
        return clear[1:] if clear and clear[0] == len(clear) - 1 else None


class Padded:
    """EMV's own (CCD): always padded, chained."""

    def encipher(self, key: bytes, data: bytes) -> bytes:
        """Whole blocks."""
        return encrypt_cbc(key, NO_IV, pad2(data))

    def decipher(self, key: bytes, body: bytes) -> bytes | None:
        """What was enciphered, None for what cannot have been."""
        return unpad2(decrypt_cbc(key, NO_IV, body)) if _are_blocks(body) else None


class PaddedIfNeeded:
    """M/Chip: chained, and padded only where the last block is not whole.

    Data of whole blocks that ends like padding cannot be told from padded data; what is enciphered here never does:
    the last byte of a PIN block is FF.
    """

    def encipher(self, key: bytes, data: bytes) -> bytes:
        """Whole blocks."""
        return encrypt_cbc(key, NO_IV, pad2(data) if len(data) % BLOCK else data)

    def decipher(self, key: bytes, body: bytes) -> bytes | None:
        """What was enciphered, None for what cannot have been."""
        if not _are_blocks(body):
            return None
        clear = decrypt_cbc(key, NO_IV, body)
        bare = unpad2(clear)
        return clear if bare is None else bare


def _are_blocks(body: bytes) -> bool:
    return len(body) > 0 and len(body) % BLOCK == 0
