"""RSA on bare blocks, as EMV certificates and signatures use it (EMV Book 2 annex B2.1): no padding of any kind."""

from __future__ import annotations

from dataclasses import dataclass, field


def exponent_bytes(exponent: int) -> bytes:
    """A public exponent as cards have it: 03, 010001."""
    return exponent.to_bytes((exponent.bit_length() + 7) // 8, "big")


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key."""

    modulus: int
    exponent: int

    @property
    def size(self) -> int:
        """Bytes of the modulus, and of everything that it applies to."""
        return (self.modulus.bit_length() + 7) // 8

    @property
    def modulus_bytes(self) -> bytes:
        """The modulus, the most significant byte first."""
        return self.modulus.to_bytes(self.size, "big")

    def apply(self, block: bytes) -> bytes:
        """Encipher a block, or recover what was signed.  Raises ValueError for one that is not below the modulus."""
        return pow(_below(block, self.modulus), self.exponent, self.modulus).to_bytes(self.size, "big")


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A private key: two primes and the public exponent.  What the Chinese remainder theorem needs is made once."""

    p: int = field(repr=False)
    q: int = field(repr=False)
    exponent: int = 3
    public: PublicKey = field(init=False)
    _dp: int = field(init=False, repr=False, compare=False)
    _dq: int = field(init=False, repr=False, compare=False)
    _q_inverse: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "public", PublicKey(self.p * self.q, self.exponent))
        object.__setattr__(self, "_dp", pow(self.exponent, -1, self.p - 1))
        object.__setattr__(self, "_dq", pow(self.exponent, -1, self.q - 1))
        object.__setattr__(self, "_q_inverse", pow(self.q, -1, self.p))

    @property
    def size(self) -> int:
        """Bytes of the modulus."""
        return self.public.size

    def sign(self, block: bytes) -> bytes:
        """Sign a block, or decipher one.  Raises ValueError for one that is not below the modulus."""
        value = _below(block, self.public.modulus)
        by_p, by_q = pow(value, self._dp, self.p), pow(value, self._dq, self.q)
        signed = by_q + (by_p - by_q) * self._q_inverse % self.p * self.q
        return signed.to_bytes(self.size, "big")


def _below(block: bytes, modulus: int) -> int:
    value = int.from_bytes(block, "big")
    if value >= modulus:
        raise ValueError("the block is not below the modulus")
    return value
