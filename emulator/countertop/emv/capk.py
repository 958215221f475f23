"""Public keys of certification authorities: what a terminal trusts (EMV Book 2 §11.2.2; G.6)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha1

from countertop.emv.rsa import PublicKey, exponent_bytes
from countertop_firmware import data_folder


@dataclass(frozen=True, slots=True)
class CaKey:
    """One key.  ``rid``: the scheme's 5 bytes, which its AIDs begin with.  ``index``: tag 8F."""

    rid: bytes
    index: int
    modulus: bytes
    exponent: int

    @property
    def public(self) -> PublicKey:
        """The key itself."""
        return PublicKey(int.from_bytes(self.modulus, "big"), self.exponent)

    @property
    def checksum(self) -> bytes:
        """What it is published with, so that it can be typed in: SHA-1 over all of it."""
        return sha1(self.rid + bytes((self.index,)) + self.modulus + exponent_bytes(self.exponent)).digest()


class CapkStore:
    """The keys of one terminal."""

    def __init__(self, keys: Iterable[CaKey] = ()) -> None:
        self._keys: dict[tuple[bytes, int], CaKey] = {}
        for key in keys:
            self.add(key)

    def add(self, key: CaKey) -> None:
        """Trust a key, in place of one of the same scheme and index."""
        self._keys[key.rid, key.index] = key

    def find(self, rid: bytes, index: int) -> CaKey | None:
        """The key of a scheme with this index, None when it is not trusted."""
        return self._keys.get((rid, index))

    def __iter__(self) -> Iterator[CaKey]:
        return iter(self._keys.values())

    def __len__(self) -> int:
        return len(self._keys)


@cache
def published_keys() -> tuple[CaKey, ...]:
    """The schemes' own test keys, which published test cards chain up to.  Their private parts are not public."""
    text = data_folder().joinpath("keys", "published_capk.json").read_text(encoding="utf-8")
    return tuple(
        CaKey(bytes.fromhex(key["rid"]), int(key["index"], 16), bytes.fromhex(key["modulus"]), key["exponent"])
        for key in json.loads(text)
    )
