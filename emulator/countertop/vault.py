"""The vault: the only keeper of PANs and other secrets.  Everything else knows a card by its token.

Rows (account "", kind ``_vault``) hold ciphertext: AES-256-GCM under a key that is not in the data file but beside it.
A token is an HMAC of the number, so that one number has one token and a token says nothing about its number.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from pathlib import Path
from typing import TYPE_CHECKING

from countertop.errors import DataFileError
from countertop.ids import ALPHABET

if TYPE_CHECKING:
    from countertop.store import Transaction

KIND = "_vault"
KEY_BYTES = 32
TOKEN_LETTERS = 16


class Vault:
    """Seals secrets under one key.  ``repeatable``: nonces are derived, not random, so that a virtual world repeats."""

    def __init__(self, key: bytes, *, repeatable: bool = False) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a vault key has {KEY_BYTES} bytes")
        self._sealing = hashlib.blake2b(key, digest_size=32, person=b"ctop-seal").digest()
        self._naming = hashlib.blake2b(key, digest_size=32, person=b"ctop-name").digest()
        self._repeatable = repeatable
        self._revealed: dict[str, str] = {}

    def __repr__(self) -> str:
        return "Vault(…)"

    @classmethod
    def in_memory(cls, seed: int | str) -> Vault:
        """The vault of a virtual world: its key comes from the seed, so that the same seed gives the same tokens."""
        return cls(hashlib.sha256(f"countertop-vault:{seed}".encode()).digest(), repeatable=True)

    @classmethod
    def for_file(cls, data_file: Path, *, sealed_rows: bool) -> Vault:
        """The vault of a durable world; its key file stands beside the data file, made on first use.

        Raises DataFileError when the key file is missing although rows were sealed under it, or is not a key.
        """
        path = data_file.with_name(data_file.name + ".key")
        if not path.exists():
            if sealed_rows:
                raise DataFileError(
                    f"The key file {path} is missing, and {data_file} holds cards sealed under it.",
                    "Put the key file back, or choose another file with --data.",
                )
            _write_key(path)
        key = path.read_bytes()
        if len(key) != KEY_BYTES:
            raise DataFileError(f"{path} is not a key file.", "Put the right one back, or choose another data file.")
        return cls(key)

    @property
    def identity(self) -> str:
        """Tells one vault's key from another's, and nothing about the key."""
        return self._digest(b"identity", b"").hex()[:16]

    def tokenize(self, tx: Transaction, pan: str) -> str:
        """The token of a card number; the number is sealed the first time."""
        token = "card_" + _letters(self._digest(b"pan", pan.encode()), TOKEN_LETTERS)
        if tx.raw("", KIND, token) is None:
            self.seal(tx, token, pan.encode())
        self._revealed[token] = pan
        return token

    def tokenize_truncated(self, tx: Transaction, pan: str, shown: str) -> str:
        """The token of a number of which only what may be ``shown`` is kept."""
        token = "card_" + _letters(self._digest(b"pan", pan.encode()), TOKEN_LETTERS)
        if tx.raw("", KIND, token) is None:
            self.seal(tx, token, shown.encode())
        return token

    def reveal(self, tx: Transaction, token: str) -> str:
        """The number behind a token, with asterisks where it was truncated.  Raises KeyError for an unknown one."""
        # What was sealed may be gone since: rolled back, reset.
        known = self._revealed.get(token) if tx.raw("", KIND, token) is not None else None
        if known is None:
            known = self._revealed[token] = self.open(tx, token).decode()
        return known

    def fingerprint(self, pan: str, account: str) -> str:
        """What the API shows as a card's ``fingerprint``: the same card in the same account has the same one.

        ``pan``: of a truncated number its token, which is made of the whole one.
        """
        return _letters(self._digest(b"fingerprint", f"{account}:{pan}".encode()), 16)

    def seal(self, tx: Transaction, name: str, secret: bytes) -> None:
        """Keep a secret under a name."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = self._digest(b"nonce", name.encode() + b"\x00" + secret)[:12] if self._repeatable else os.urandom(12)
        sealed = nonce + AESGCM(self._sealing).encrypt(nonce, secret, name.encode())
        tx.put("", KIND, {"id": name, "sealed": base64.b64encode(sealed).decode("ascii")}, created=0)

    def open(self, tx: Transaction, name: str) -> bytes:
        """The secret of a name.  Raises KeyError for an unknown one, DataFileError for one of another key."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        row = tx.get("", KIND, name)
        if row is None:
            raise KeyError(name)
        sealed = base64.b64decode(row["sealed"])
        try:
            return AESGCM(self._sealing).decrypt(sealed[:12], sealed[12:], name.encode())
        except InvalidTag as error:
            raise DataFileError(
                "A sealed card cannot be opened: the key file belongs to another data file.",
                "Put the right key file back beside the data file.",
            ) from error

    def _digest(self, purpose: bytes, content: bytes) -> bytes:
        return hmac.new(self._naming, purpose + b"\x00" + content, hashlib.sha256).digest()


def _write_key(path: Path) -> None:
    """Make a key file that only its owner can read; it appears whole or not at all."""
    from countertop.store.files import sync_folder

    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(os.urandom(KEY_BYTES))
        handle.flush()
        os.fsync(handle.fileno())
    draft.replace(path)
    sync_folder(path.parent)


def _letters(digest: bytes, count: int) -> str:
    value = int.from_bytes(digest, "big")
    letters = []
    for _ in range(count):
        value, rest = divmod(value, len(ALPHABET))
        letters.append(ALPHABET[rest])
    return "".join(letters)
