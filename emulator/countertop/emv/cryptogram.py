"""What an application cryptogram covers, and the two ways an issuer answers one (EMV Book 2 §8; G.3)."""

from __future__ import annotations

from dataclasses import dataclass

from countertop.emv.des import encrypt, mac3, pad2, xor


@dataclass(frozen=True, slots=True)
class AcData:
    """What card and issuer both know of a transaction, each as the value of its tag.

    ``amount`` 9F02, ``other`` 9F03, ``country`` 9F1A, ``tvr`` 95, ``currency`` 5F2A, ``date`` 9A, ``type`` 9C, ``un``
    9F37, ``aip`` 82, ``atc`` 9F36, ``iad`` 9F10.
    """

    amount: bytes
    other: bytes
    country: bytes
    tvr: bytes
    currency: bytes
    date: bytes
    type: bytes
    un: bytes
    aip: bytes
    atc: bytes
    iad: bytes

    @property
    def common(self) -> bytes:
        """What all full cryptograms begin with: everything but the IAD, in this order."""
        told = self.amount + self.other + self.country + self.tvr + self.currency + self.date + self.type + self.un
        return told + self.aip + self.atc


def arpc_method_1(key: bytes, arqc: bytes, arc: bytes) -> bytes:
    """The answer that covers a response code of 2 bytes; 8 bytes (Book 2 §8.2.1)."""
    return encrypt(key, xor(arqc, arc + bytes(6)))


def arpc_method_2(key: bytes, arqc: bytes, csu: bytes, proprietary: bytes = b"") -> bytes:
    """The answer that covers a card status update of 4 bytes, and up to 8 of the issuer's own; 4 bytes (§8.2.2)."""
    return mac3(key, pad2(arqc + csu + proprietary))[:4]
