"""Issuer scripts under secure messaging, format 2: commands with a MAC, enciphered where they carry a secret (G.5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from hmac import compare_digest

from countertop.emv.cvn.ciphering import Ciphering
from countertop.emv.cvn.pin_change import PinChange
from countertop.emv.des import mac3, pad2

MAC_BYTES = 8
HEADER_BYTES = 4
MOST_DATA = 255 - MAC_BYTES

DeriveKey = Callable[[bytes, bytes, bytes, int], bytes]
"""A session key from a master key, the ATC, the first cryptogram, and how many commands went before."""
Bind = Callable[[bytes, bytes, int], bytes]
"""What the MAC covers of the transaction: from ATC, first cryptogram, and how many commands went before."""


@dataclass(frozen=True, slots=True)
class ScriptKeys:
    """Keys of one transaction's scripts, by how many commands went before."""

    integrity: Callable[[int], bytes] = field(repr=False)
    confidentiality: Callable[[int], bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ScriptRules:
    """How a scheme seals its scripts."""

    derive: DeriveKey
    bind: Bind
    ciphering: Ciphering
    pin_change: PinChange

    def keys(self, mk_smi: bytes, mk_smc: bytes, atc: bytes, arqc: bytes) -> ScriptKeys:
        """The keys of a transaction's scripts."""
        return ScriptKeys(partial(self.derive, mk_smi, atc, arqc), partial(self.derive, mk_smc, atc, arqc))

    def seal(
        self, header: bytes, data: bytes, keys: ScriptKeys, atc: bytes, arqc: bytes, encipher: bool, number: int
    ) -> bytes:
        """A whole command.  Raises ValueError for a header that is none and for more data than a command takes."""
        body = self.ciphering.encipher(keys.confidentiality(number), data) if encipher else data
        if len(header) != HEADER_BYTES or len(body) > MOST_DATA:
            raise ValueError(f"a script command has 4 bytes of header and up to {MOST_DATA} of data")
        head = header + bytes((len(body) + MAC_BYTES,))
        return head + body + self._mac(head, body, keys, atc, arqc, number)

    def open(
        self, command: bytes, keys: ScriptKeys, atc: bytes, arqc: bytes, enciphered: bool, number: int
    ) -> bytes | None:
        """The clear data, None when MAC or padding are wrong."""
        head, body, mac = command[:5], command[5:-MAC_BYTES], command[-MAC_BYTES:]
        if len(command) < len(head) + MAC_BYTES:
            return None
        if not compare_digest(self._mac(head, body, keys, atc, arqc, number), mac):
            return None
        return self.ciphering.decipher(keys.confidentiality(number), body) if enciphered else body

    def _mac(self, head: bytes, body: bytes, keys: ScriptKeys, atc: bytes, arqc: bytes, number: int) -> bytes:
        return mac3(keys.integrity(number), pad2(head + self.bind(atc, arqc, number) + body))
