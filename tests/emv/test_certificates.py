"""Certificates and signatures: what is issued holds, and nothing else does (EMV Book 2 §5, §6; card-hardware.md G.6)."""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha1
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countertop.emv.certificates import (
    CertificateError,
    issue_icc_certificate,
    issue_issuer_certificate,
    recover_icc_key,
    recover_issuer_key,
    sign_block,
)
from countertop.emv.data_authentication import (
    Combined,
    decipher_pin,
    encipher_pin,
    recover_dynamic,
    sign_combined,
    sign_dynamic,
    sign_static,
    verify_combined,
    verify_dynamic,
    verify_static,
)
from countertop.emv.issuer_keys import pool
from countertop.emv.rsa import PrivateKey, PublicKey

PAN, TODAY, SERIAL, STATIC = "4000056655665556", "261123", bytes.fromhex("000001"), b"the records"
CA, ISSUER, CARD = pool().ca("visa")[1], pool().issuer("visa"), pool().icc(0)
SMALL = PrivateKey(pool().pin_key(1).p, pool().pin_key(1).q)


def made(bits: int) -> PublicKey:
    """A public key of so many bits; nobody knows its primes."""
    draw = Random(bits)
    return PublicKey(1 << (bits - 1) | draw.getrandbits(bits - 1) | 1, 3)


# --- certificates --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bits", [512, 1408, 1696, 1704, 1984])
def test_an_issuers_key_of_any_size_comes_back(bits: int) -> None:
    key = made(bits)
    certificate, remainder = issue_issuer_certificate(CA, key, PAN[:6], "1230", SERIAL)
    assert len(certificate) == CA.size == 248
    assert len(remainder) == max(0, bits // 8 - 248 + 36)
    assert recover_issuer_key(CA.public, certificate, remainder, b"\x03", PAN, TODAY) == key


@pytest.mark.parametrize("bits", [512, 1024, 1072, 1080, 1408])
def test_a_cards_key_of_any_size_comes_back(bits: int) -> None:
    key = made(bits)
    certificate, remainder = issue_icc_certificate(ISSUER, key, PAN, "1230", SERIAL, STATIC)
    assert len(remainder) == max(0, bits // 8 - 176 + 42)
    assert recover_icc_key(ISSUER.public, certificate, remainder, b"\x03", PAN, TODAY, STATIC) == key


def test_the_larger_exponent() -> None:
    key = PublicKey(made(1408).modulus, 65537)
    certificate, remainder = issue_issuer_certificate(CA, key, PAN[:8], "1230", SERIAL)
    assert recover_issuer_key(CA.public, certificate, remainder, b"\x01\x00\x01", PAN, TODAY) == key


def issuer_content(**changed: str) -> bytes:
    """What an issuer's certificate says, some of it otherwise."""
    parts = {
        "form": "02",
        "identifier": "400005FF",
        "expiry": "1230",
        "serial": "000001",
        "hash": "01",
        "algorithm": "01",
        "length": "B0",
        "exponent": "01",
        "key": ISSUER.public.modulus_bytes.hex().ljust(2 * 212, "b"),
    }
    assert set(changed) <= set(parts)
    return bytes.fromhex("".join((parts | changed).values()))


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"form": "04"}, "format 04"),
        ({"identifier": "400006FF"}, "another issuer"),
        ({"identifier": "40FFFFFF"}, "another issuer"),
        ({"identifier": "4000A5FF"}, "another issuer"),
        ({"identifier": "FFFFFFFF"}, "another issuer"),
        ({"expiry": "1026"}, "expired after 10/26"),
        ({"expiry": "1299"}, "expired after 12/99"),
        ({"expiry": "1330"}, "no month"),
        ({"expiry": "0030"}, "no month"),
        ({"expiry": "0A30"}, "no month"),
        ({"hash": "02"}, "algorithms 02 and 01"),
        ({"algorithm": "09"}, "algorithms 01 and 09"),
        ({"exponent": "03"}, "neither 3 nor 65537"),
        ({"length": "F8"}, "not the rest"),
        ({"length": "00"}, "modulus"),
        ({"key": "00" * 212}, "modulus"),
        ({"key": "00" + "AB" * 211}, "modulus"),
        ({"key": "AA" * 212}, "modulus"),
    ],
)
def test_an_issuers_certificate_is_refused(changed: dict[str, str], why: str) -> None:
    signed = sign_block(CA, issuer_content(**changed), b"\x03")
    with pytest.raises(CertificateError, match=why):
        recover_issuer_key(CA.public, signed, b"", b"\x03", PAN, TODAY)


def test_a_certificate_holds_to_the_end_of_its_month() -> None:
    for expiry, today in (("1126", "261130"), ("0149", "490131"), ("1230", "991231")):
        signed = sign_block(CA, issuer_content(expiry=expiry), b"\x03")
        assert recover_issuer_key(CA.public, signed, b"", b"\x03", PAN, today) == ISSUER.public
    with pytest.raises(CertificateError, match="expired"):
        recover_issuer_key(
            CA.public, sign_block(CA, issuer_content(expiry="1126"), b"\x03"), b"", b"\x03", PAN, "261201"
        )


def test_a_certificate_holds_for_its_own_data_only() -> None:
    certificate, remainder = issue_icc_certificate(ISSUER, CARD.public, PAN, "1230", SERIAL, STATIC)
    good = [ISSUER.public, certificate, remainder, b"\x03", PAN, TODAY, STATIC]
    assert recover_icc_key(*good) == CARD.public
    for at, other, why in (
        (0, CA.public, "bytes"),
        (0, made(1408), "not made with this key"),
        (1, certificate[:-1], "bytes"),
        (1, b"\xff" * 176, "modulus"),
        (2, remainder + b"\x00", "hash"),
        (3, b"\x01\x00\x01", "hash"),
        (4, "4000056655665557", "another card"),
        (6, STATIC + b"\x00", "hash"),
    ):
        with pytest.raises(CertificateError, match=why):
            recover_icc_key(*(other if index == at else value for index, value in enumerate(good)))


@pytest.mark.parametrize("exponent", [b"\x05", b"\x01", b"\x00", b"\xff"])
def test_no_other_exponent_will_do(exponent: bytes) -> None:
    with pytest.raises(CertificateError, match="neither 3 nor 65537"):
        recover_issuer_key(CA.public, sign_block(CA, issuer_content(), exponent), b"", exponent, PAN, TODAY)


def test_a_rest_that_is_not_needed_is_refused() -> None:
    signed = sign_block(CA, issuer_content(), b"rest\x03")
    with pytest.raises(CertificateError, match="not the rest"):
        recover_issuer_key(CA.public, signed, b"rest", b"\x03", PAN, TODAY)


# --- signatures ----------------------------------------------------------------------------------------------


def test_a_static_signature() -> None:
    signed = sign_static(ISSUER, b"\xda\xc0", STATIC)
    assert verify_static(ISSUER.public, signed, STATIC) == b"\xda\xc0"
    with pytest.raises(CertificateError, match="hash"):
        verify_static(ISSUER.public, signed, STATIC + b"\x00")
    with pytest.raises(CertificateError, match="format 05"):
        verify_static(CARD.public, sign_dynamic(CARD, bytes(8), b""), b"")


@given(st.binary(min_size=2, max_size=8), st.binary(max_size=40))
def test_a_dynamic_signature(number: bytes, drawn: bytes) -> None:
    signed = sign_dynamic(CARD, number, drawn)
    assert len(signed) == 128
    assert verify_dynamic(CARD.public, signed, drawn) == number
    with pytest.raises(CertificateError, match="hash"):
        verify_dynamic(CARD.public, signed, drawn + b"\x00")


@given(
    st.binary(min_size=2, max_size=8), st.integers(0, 255), st.binary(min_size=8, max_size=8), st.binary(max_size=99)
)
def test_a_combined_signature(number: bytes, cid: int, ac: bytes, told: bytes) -> None:
    signed = sign_combined(CARD, number, cid, ac, told, b"UNUN")
    assert verify_combined(CARD.public, signed, b"UNUN", told) == Combined(number, cid, ac)
    with pytest.raises(CertificateError, match="transaction"):
        verify_combined(CARD.public, signed, b"UNUN", told + b"\x00")
    with pytest.raises(CertificateError, match="data"):
        verify_combined(CARD.public, signed, b"UNUM", told)


def dynamic(said: str, form: str = "0501", length: int | None = None) -> bytes:
    """A card's signature of this dynamic data."""
    data = bytes.fromhex(said)
    head = bytes.fromhex(form) + bytes((len(data) if length is None else length,))
    return sign_block(CARD, head + data + b"\xbb" * (128 - 25 - len(data)), b"")


@pytest.mark.parametrize(
    ("signed", "why"),
    [
        (dynamic("021234", form="0502"), "hash algorithm 02"),
        (dynamic("021234", length=104), "more than it has"),
        (dynamic("0112"), "dynamic number"),
        (dynamic("09" + "12" * 9), "dynamic number"),
        (dynamic("0312"), "dynamic number"),
        (dynamic(""), "dynamic number"),
        (dynamic("021234" + "00" * 28), "cryptogram"),
    ],
)
def test_dynamic_data_that_says_nothing_sensible(signed: bytes, why: str) -> None:
    with pytest.raises(CertificateError, match=why):
        verify_combined(CARD.public, signed, b"", b"")


@pytest.mark.parametrize(
    ("head", "tail", "why"), [("6B03", "BC", "6A … BC"), ("6A03", "BD", "6A … BC"), ("6A05", "BC", "format 05")]
)
def test_what_is_no_signed_block(head: str, tail: str, why: str) -> None:
    block = bytes.fromhex(head + "01DAC0") + b"\xbb" * 150
    signed = ISSUER.sign(block + sha1(block[1:]).digest() + bytes.fromhex(tail))
    with pytest.raises(CertificateError, match=why):
        verify_static(ISSUER.public, signed, b"")


# --- hostile bytes -------------------------------------------------------------------------------------------

ANY_KEY = st.one_of(
    st.sampled_from([CA.public, ISSUER.public, CARD.public, PublicKey(15, 3), PublicKey(1, 3)]),
    st.integers(1, 2**320).map(lambda value: PublicKey(value, 3)),
)


@given(ANY_KEY, st.data())
def test_any_bytes_raise_only_a_certificate_error(key: PublicKey, draw: st.DataObject) -> None:
    size = draw.draw(st.sampled_from([key.size, 0, 1, 128]))
    signed = draw.draw(st.binary(min_size=size, max_size=size))
    other, pan = draw.draw(st.binary(max_size=40)), draw.draw(st.text("0123456789ABCDEF", max_size=20))
    for check in (
        lambda: recover_issuer_key(key, signed, other, other, pan, TODAY),
        lambda: recover_icc_key(key, signed, other, other, pan, TODAY, other),
        lambda: verify_static(key, signed, other),
        lambda: verify_dynamic(key, signed, other),
        lambda: verify_combined(key, signed, other, other),
        lambda: recover_dynamic(key, signed, other),
    ):
        with pytest.raises(CertificateError):
            check()


@pytest.mark.parametrize("length", range(40))
def test_short_blocks_raise_only_a_certificate_error(length: int) -> None:
    """A key with the exponent 1 recovers what it is given: a hostile issuer may have certified any short one."""

    def short(form: int, covered: bytes) -> tuple[PublicKey, bytes]:
        content = bytes((form,)) + bytes((1,)) * length
        block = b"\x6a" + content + sha1(content + covered).digest() + b"\xbc"
        return PublicKey(256 ** len(block) - 1, 1), block

    key, block = short(2, b"\x03")
    with pytest.raises(CertificateError):
        recover_issuer_key(key, block, b"", b"\x03", PAN, TODAY)
    key, block = short(4, b"\x03")
    with pytest.raises(CertificateError):
        recover_icc_key(key, block, b"", b"\x03", PAN, TODAY, b"")
    key, block = short(5, b"")
    with pytest.raises(CertificateError):
        verify_combined(key, block, b"", b"")
    key, block = short(3, b"")
    with suppress(CertificateError):
        assert verify_static(key, block, b"") == b"\x01\x01"
        assert length >= 3


@given(st.binary(min_size=226, max_size=226), st.binary(max_size=20), st.sampled_from([b"", b"\x03", b"\x01\x00\x01"]))
def test_any_words_over_a_true_signature_raise_only_a_certificate_error(
    said: bytes, remainder: bytes, exponent: bytes
) -> None:
    """A hostile issuer signs what it likes: the hash holds, what it covers is nonsense."""
    issuer = sign_block(CA, b"\x02" + said[:-1], remainder + exponent)
    card = sign_block(ISSUER, b"\x04" + said[:153], remainder + exponent)
    for check in (
        lambda: recover_issuer_key(CA.public, issuer, remainder, exponent, PAN, TODAY),
        lambda: recover_icc_key(ISSUER.public, card, remainder, exponent, PAN, TODAY, b""),
    ):
        with pytest.raises(CertificateError):
            check()


@given(st.integers(0, 255), st.integers(0, 12), st.binary(min_size=102, max_size=102))
def test_any_dynamic_data_over_a_true_signature(length: int, count: int, rest: bytes) -> None:
    signed = sign_block(CARD, bytes((5, 1, length, count)) + rest, b"")
    if 2 <= count <= 8 and count < length <= 103:
        assert verify_dynamic(CARD.public, signed, b"") == rest[:count]
    else:
        with pytest.raises(CertificateError):
            verify_dynamic(CARD.public, signed, b"")


# --- the PIN under the card's key ----------------------------------------------------------------------------


def test_an_enciphered_pin_comes_back_and_is_another_each_time() -> None:
    draw, block, challenge = Random(5), bytes.fromhex("241234FFFFFFFFFF"), bytes(range(8))
    first, second = (encipher_pin(CARD.public, block, challenge, draw.randbytes) for _ in range(2))
    assert len(first) == 128
    assert first != second
    assert decipher_pin(CARD, first) == decipher_pin(CARD, second) == (block, challenge)
    with pytest.raises(CertificateError, match="bytes"):
        decipher_pin(CARD, first[1:])
    with pytest.raises(CertificateError, match="not enciphered with this key"):
        decipher_pin(SMALL, b"\x01" + first[1:])
    with pytest.raises(CertificateError, match="modulus"):
        decipher_pin(CARD, b"\xff" * 128)


@given(st.one_of(st.binary(max_size=130), st.binary(min_size=128, max_size=128)))
def test_any_bytes_for_a_pin(data: bytes) -> None:
    try:
        block, challenge = decipher_pin(CARD, data)
    except CertificateError:
        return
    assert (len(block), len(challenge)) == (8, 8)
    assert CARD.sign(data)[:17] == b"\x7f" + block + challenge


def test_a_key_too_short_takes_no_pin() -> None:
    with pytest.raises(CertificateError, match="too short"):
        encipher_pin(PublicKey(1 << 127 | 1, 3), bytes(8), bytes(8), Random(1).randbytes)


def test_a_key_whose_modulus_begins_low_takes_no_pin() -> None:
    with pytest.raises(CertificateError, match="modulus"):
        encipher_pin(PublicKey(0x10 << 1016 | 1, 3), bytes(8), bytes(8), Random(1).randbytes)


# --- RSA itself ----------------------------------------------------------------------------------------------


def test_signing_agrees_with_the_textbook() -> None:
    for key in (CARD, ISSUER, CA):
        d = pow(key.exponent, -1, (key.p - 1) * (key.q - 1))
        assert key.public.modulus == key.p * key.q
        for value in (0, 1, 2, key.public.modulus - 1, int.from_bytes(sha1(b"x").digest(), "big") ** 5):
            block = value.to_bytes(key.size, "big")
            signed = key.sign(block)
            assert int.from_bytes(signed, "big") == pow(value, d, key.public.modulus)
            assert key.public.apply(signed) == block
    for block in (b"\xff" * 128, CARD.public.modulus_bytes):
        with pytest.raises(ValueError, match="below"):
            CARD.sign(block)


def test_a_private_key_does_not_show_itself() -> None:
    assert str(CARD.p) not in repr(CARD)
    assert str(CARD.q) not in repr(CARD)
