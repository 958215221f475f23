"""Make the committed pool of test keys: ``python scripts/make_key_pool.py firmware_fixtures/countertop_firmware/keys``.

Every run makes other keys, so every card gets other certificates: run it only to add a scheme or more keys, and keep
those that are there (it does, unless ``--anew`` is given).
"""

from __future__ import annotations

import argparse
import json
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

EXPONENT = 3
CA_BITS, ISSUER_BITS, CARD_BITS = 1984, 1408, 1024
CA_INDEX = "F0"
ISSUERS, CARDS, PIN_KEYS = 1, 32, 4
SCHEMES = {
    "visa": "A000000003",
    "mastercard": "A000000004",
    "amex": "A000000025",
    "discover": "A000000152",
    "jcb": "A000000065",
    "unionpay": "A000000333",
    "interac": "A000000277",
    "eftpos_au": "A000000384",
    "cartes_bancaires": "A000000042",
    "girocard": "A000000359",
    "us_common_debit": "A000000098",
}
OUR_ISSUERS = ("countertop",)
"""Banks of this world, which issue cards under a scheme's authority with keys of their own."""
USES = ("ac", "smi", "smc", "idn", "dac", "cvk", "pvk", "cvc3")
ALGORITHMS = ("tdes", "aes")
KEY_BYTES = 16


def rsa_key(bits: int) -> dict[str, str]:
    """Two primes of a new key, hexadecimal."""
    numbers = rsa.generate_private_key(EXPONENT, bits).private_numbers()
    return {"p": f"{numbers.p:X}", "q": f"{numbers.q:X}"}


def symmetric_key() -> str:
    """A new key, hexadecimal, of odd parity in each byte: DES boxes of old insist on it."""
    return bytes(_odd(byte) for byte in secrets.token_bytes(KEY_BYTES)).hex().upper()


def rsa_pool(known: Mapping[str, Any]) -> dict[str, Any]:
    """All RSA keys; those that are known stay."""
    authorities, issuers = known.get("ca", {}), known.get("issuer", {})
    return {
        "exponent": EXPONENT,
        "ca": {
            scheme: authorities.get(scheme) or {"rid": rid, "index": CA_INDEX, **rsa_key(CA_BITS)}
            for scheme, rid in SCHEMES.items()
        },
        "issuer": {
            scheme: _filled(issuers.get(scheme, ()), ISSUERS, ISSUER_BITS) for scheme in (*SCHEMES, *OUR_ISSUERS)
        },
        "icc": _filled(known.get("icc", ()), CARDS, CARD_BITS),
        "pin": _filled(known.get("pin", ()), PIN_KEYS, CARD_BITS),
    }


def symmetric_pool(known: Mapping[str, Any]) -> dict[str, Any]:
    """All symmetric keys; those that are known stay."""
    issuers, base_keys = known.get("issuer", {}), known.get("bdk", {})
    return {
        "issuer": {
            scheme: {use: issuers.get(scheme, {}).get(use) or symmetric_key() for use in USES}
            for scheme in (*SCHEMES, *OUR_ISSUERS)
        },
        "bdk": {algorithm: base_keys.get(algorithm) or symmetric_key() for algorithm in ALGORITHMS},
    }


def main() -> None:
    """Write ``rsa.json`` and ``symmetric.json``."""
    parser = argparse.ArgumentParser(description="Make the committed pool of test keys.")
    parser.add_argument("folder", type=Path, help="where rsa.json and symmetric.json are, or are to be")
    parser.add_argument("--anew", action="store_true", help="replace the keys that are there")
    options = parser.parse_args()
    pools: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
        "rsa.json": rsa_pool,
        "symmetric.json": symmetric_pool,
    }
    for name, make in pools.items():
        path: Path = options.folder / name
        known = json.loads(path.read_text(encoding="utf-8")) if path.exists() and not options.anew else {}
        path.write_text(json.dumps(make(known), indent=1) + "\n", encoding="utf-8")


def _filled(known: Any, count: int, bits: int) -> list[dict[str, str]]:
    return [*known, *(rsa_key(bits) for _ in range(count - len(known)))]


def _odd(byte: int) -> int:
    return byte ^ 1 if byte.bit_count() % 2 == 0 else byte


if __name__ == "__main__":
    main()
