"""The keys that emulated schemes, issuers and cards work with: a committed pool of test keys.

They protect nothing: everyone has them.  RSA keys are made by ``scripts/make_key_pool.py``, never while something runs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from countertop.emv.capk import CaKey
from countertop.emv.rsa import PrivateKey
from countertop_firmware import data_folder

Use = Literal["ac", "smi", "smc", "idn", "dac", "cvk", "pvk", "cvc3"]
"""What a symmetric key is for: cryptograms, integrity and confidentiality of scripts, dynamic numbers, data
authentication codes, card verification values, PIN verification values, values of kernel 2's mag-stripe mode."""


@dataclass(frozen=True, slots=True)
class KeyPool:
    """The pool.  Methods raise KeyError for a scheme, a use or an algorithm that it has no keys of."""

    _rsa: Mapping[str, Any] = field(repr=False)
    _symmetric: Mapping[str, Any] = field(repr=False)

    @property
    def schemes(self) -> tuple[str, ...]:
        """The schemes that there are keys of."""
        return tuple(self._rsa["ca"])

    @property
    def icc_count(self) -> int:
        """How many keys for cards there are."""
        return len(self._rsa["icc"])

    @property
    def pin_count(self) -> int:
        """How many keys there are for PINs of cards that sign nothing."""
        return len(self._rsa["pin"])

    def ca(self, scheme: str) -> tuple[CaKey, PrivateKey]:
        """A scheme's own key of 1984 bits: what terminals know of it, and what it signs issuers' keys with."""
        entry = self._rsa["ca"][scheme]
        key = self._key(entry)
        public = key.public
        return CaKey(bytes.fromhex(entry["rid"]), int(entry["index"], 16), public.modulus_bytes, public.exponent), key

    def ca_keys(self) -> tuple[CaKey, ...]:
        """What terminals know of all schemes."""
        return tuple(self.ca(scheme)[0] for scheme in self.schemes)

    def issuer(self, scheme: str, index: int = 0) -> PrivateKey:
        """A key of 1408 bits of an issuer in a scheme.  Raises IndexError for an issuer that is not there."""
        return self._key(self._rsa["issuer"][scheme][index])

    def icc(self, number: int) -> PrivateKey:
        """A key of 1024 bits for a card; numbers from 0 on, and round again behind the last."""
        return self._key(self._rsa["icc"][number % self.icc_count])

    def pin_key(self, number: int) -> PrivateKey:
        """A key of 1024 bits for PINs; numbers as with :meth:`icc`."""
        return self._key(self._rsa["pin"][number % self.pin_count])

    def imk(self, scheme: str, use: str) -> bytes:
        """An issuer's master key, 16 bytes; ``use`` as in :data:`Use`."""
        return bytes.fromhex(self._symmetric["issuer"][scheme][use])

    def bdk(self, algorithm: str) -> bytes:
        """The base key of readers' PIN keys, ``tdes`` or ``aes``, 16 bytes."""
        return bytes.fromhex(self._symmetric["bdk"][algorithm])

    def _key(self, entry: Mapping[str, str]) -> PrivateKey:
        return _private_key(entry["p"], entry["q"], self._rsa["exponent"])


@cache
def pool() -> KeyPool:
    """The pool, read once."""
    return KeyPool(_read("rsa.json"), _read("symmetric.json"))


@cache
def _private_key(p: str, q: str, exponent: int) -> PrivateKey:
    return PrivateKey(int(p, 16), int(q, 16), exponent)


def _read(name: str) -> Any:
    return json.loads(data_folder().joinpath("keys", name).read_text(encoding="utf-8"))
