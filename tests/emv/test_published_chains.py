"""Two published certificate chains, down from schemes' test CAs: card-hardware.md G.6, "Published chain 1" and "2".

Their cards' records were not published, so the hashes that cover records cannot be recomputed; all others are.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from countertop.emv.capk import CapkStore, published_keys
from countertop.emv.certificates import (
    CARD,
    CARD_OVERHEAD,
    STATIC,
    CertificateError,
    recover_block,
    recover_icc_key,
    recover_issuer_key,
)
from countertop.emv.data_authentication import recover_dynamic, verify_combined, verify_dynamic, verify_static
from countertop.emv.rsa import PublicKey

CHAINS = json.loads((Path(__file__).parent / "published_chains.json").read_text(encoding="utf-8"))
VISA, MASTERCARD = bytes.fromhex("A000000003"), bytes.fromhex("A000000004")
EXPONENT = b"\x03"


def chain(name: str) -> dict[str, bytes]:
    return {key: bytes.fromhex(value) for key, value in CHAINS[name].items()}


def ca(rid: bytes, index: int) -> PublicKey:
    key = CapkStore(published_keys()).find(rid, index)
    assert key is not None
    return key.public


def card_key(block: bytes, remainder: bytes, length: int) -> PublicKey:
    """The key in a card's certificate, its hash left alone."""
    modulus = (block[21:-21] + remainder)[:length]
    return PublicKey(int.from_bytes(modulus, "big"), 3)


def test_chain_1() -> None:
    data, pan = chain("chain_1"), "4761739001010119"
    issuer = recover_issuer_key(ca(VISA, 0x94), data["issuer_certificate"], b"", EXPONENT, pan, "221231")
    assert (issuer.size, issuer.exponent) == (176, 3)
    signed = recover_block(issuer, data["signed_static_data"], STATIC, 26)
    assert signed[3:5].hex() == "dac0"
    assert signed[-21:-1].hex().upper() == "4E2821974D704E338E7218F887763F7BDCE2B814"
    with pytest.raises(CertificateError, match="hash"):
        verify_static(issuer, data["signed_static_data"], b"")
    said = recover_block(issuer, data["icc_certificate"], CARD, CARD_OVERHEAD)
    assert said[2:12].hex().upper() == pan + "FFFF"
    assert said[12:17].hex() == "1222000001"
    assert said[19] == 176
    with pytest.raises(CertificateError, match="hash"):
        recover_icc_key(issuer, data["icc_certificate"], data["icc_remainder"], EXPONENT, pan, "221231", b"")
    own = card_key(said, data["icc_remainder"], 176)
    number = verify_dynamic(own, data["signed_dynamic_data"], bytes.fromhex("7FBC4049"))
    assert number.hex() == "00ae"
    with pytest.raises(CertificateError, match="hash"):
        verify_dynamic(own, data["signed_dynamic_data"], bytes.fromhex("7FBC404A"))


@pytest.mark.parametrize(
    ("pan", "today", "why"),
    [
        ("4761749001010119", "221231", "another issuer"),
        ("4761739001010119", "320101", "expired"),
    ],
)
def test_chain_1_is_for_its_issuer_and_its_time(pan: str, today: str, why: str) -> None:
    key, certificate = ca(VISA, 0x94), chain("chain_1")["issuer_certificate"]
    recover_issuer_key(key, certificate, b"", EXPONENT, "4761739001010119", "311231")
    with pytest.raises(CertificateError, match=why):
        recover_issuer_key(key, certificate, b"", EXPONENT, pan, today)


def test_chain_2() -> None:
    data, pan = chain("chain_2"), "5413330089020011"
    block = recover_block(ca(MASTERCARD, 0xF1), data["issuer_certificate"], 2, 36)
    expiry = f"{block[7:8].hex()}{block[6:7].hex()}28"
    issuer = recover_issuer_key(ca(MASTERCARD, 0xF1), data["issuer_certificate"], b"", EXPONENT, pan, expiry)
    assert issuer.size == 112
    own = card_key(recover_block(issuer, data["icc_certificate"], CARD, CARD_OVERHEAD), data["icc_remainder"], 96)
    assert own.size == 96
    drawn = bytes.fromhex("8B55633B")
    said = recover_dynamic(own, data["signed_dynamic_data"], drawn)
    assert said.hex().upper() == (
        "08" + "537EB5E03CC433C8" + "00" + "55B6408DBC985131" + "A04620C52455EA8F2370647AF36748A2CA4AA9F6"
    )
    with pytest.raises(CertificateError, match="transaction"):
        verify_combined(own, data["signed_dynamic_data"], drawn, b"")
    with pytest.raises(CertificateError, match="hash differs from the data's"):
        verify_combined(own, data["signed_dynamic_data"], bytes(4), b"")
