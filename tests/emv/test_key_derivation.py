"""Master and session keys: vectors of card-hardware.md G.1 and G.2, and pyemv's word on random ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyemv import kd

from countertop.emv.des import expand, mac3, odd_parity, pad1, pad2, unpad2, xor
from countertop.emv.keys import (
    icc_master_key,
    script_key_common,
    script_key_visa,
    session_key_common,
    session_key_mastercard,
)

pytestmark = pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning:pyemv")

IMK = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
KEYS = st.binary(min_size=16, max_size=16)
DIGITS = "0123456789"


# card-hardware.md G.1.
@pytest.mark.parametrize(
    ("pan", "psn", "option", "expected"),
    [
        ("1234567890123456", "00", "A", "154F349D8585CB7F6B0798E9839B10C1"),
        ("99012345678901234", "45", "A", "67F8292358083E5EA7AB7FDA58D53B6B"),
        ("99012345678901234", "45", "B", "985EC4FD3EDF6162E31AF1C7D0543416"),
    ],
)
def test_published_master_keys(pan: str, psn: str, option: str, expected: str) -> None:
    assert icc_master_key(IMK, pan, psn, option).hex().upper() == expected


def test_option_b_borrows_letters_where_digits_are_few() -> None:
    pan = "99012345678911807"  # SHA-1 of it and 00 has 13 decimal digits
    assert icc_master_key(IMK, pan, "00", "B") == kd.derive_icc_mk_b(IMK, pan, "00")


def test_a_missing_sequence_number_counts_as_00_and_short_numbers_are_filled() -> None:
    assert icc_master_key(IMK, "1234567890123456") == icc_master_key(IMK, "1234567890123456", "00")
    assert icc_master_key(IMK, "12345678", "01") == icc_master_key(IMK, "0000012345678", "01")


# card-hardware.md G.2.
def test_published_session_keys() -> None:
    mk, atc = bytes.fromhex("154F349D8585CB7F6B0798E9839B10C1"), bytes.fromhex("001C")
    common = odd_parity(session_key_common(mk, atc))
    assert common.hex().upper() == "436B942AD637E08564B532B0EC97CB26"
    mastercard = odd_parity(session_key_mastercard(mk, atc, bytes.fromhex("ABCDEF12")))
    assert mastercard.hex().upper() == "5D8F37BCD9E5DA68048CDFA2EA255D9E"
    visa = odd_parity(script_key_visa(bytes.fromhex("94F867167C64EF3EEAB0CB627A7A3480"), atc))
    assert visa.hex().upper() == "94F867167C64EF23EAB0CB627A7ACB62"


@given(KEYS, st.text(DIGITS, min_size=12, max_size=19), st.text(DIGITS, min_size=2, max_size=2))
def test_master_keys_agree_with_pyemv(imk: bytes, pan: str, psn: str) -> None:
    assert icc_master_key(imk, pan, psn) == kd.derive_icc_mk_a(imk, pan, psn)
    assert icc_master_key(imk, pan, psn, "B") == kd.derive_icc_mk_b(imk, pan, psn)


@given(KEYS, st.binary(min_size=8, max_size=8), st.binary(min_size=2, max_size=2))
def test_session_keys_agree_with_pyemv(mk: bytes, ac: bytes, atc: bytes) -> None:
    assert odd_parity(script_key_common(mk, ac)) == kd.derive_common_sk(mk, ac)
    assert odd_parity(session_key_common(mk, atc)) == kd.derive_common_sk(mk, atc + bytes(6))
    assert odd_parity(session_key_mastercard(mk, atc, ac[:4])) == kd.derive_common_sk(mk, atc + bytes(2) + ac[:4])
    assert odd_parity(script_key_visa(mk, atc)) == kd.derive_visa_sm_sk(mk, atc)


def test_following_commands_count_the_cryptogram_on_and_round() -> None:
    mk = bytes(range(16))
    assert script_key_common(mk, bytes.fromhex("00000000000000FF"), 1) == script_key_common(
        mk, bytes.fromhex("0000000000000100")
    )
    assert script_key_common(mk, b"\xff" * 8, 1) == script_key_common(mk, bytes(8))


@given(KEYS, st.binary(max_size=70))
def test_macs_and_paddings_agree_with_pyemv(key: bytes, data: bytes) -> None:
    from pyemv import mac

    assert mac3(key, pad2(data)) == mac.mac_iso9797_3(key[:8], key[8:], data, 2)
    if data:
        assert mac3(key, pad1(data)) == mac.mac_iso9797_3(key[:8], key[8:], data, 1)
    assert unpad2(pad2(data)) == data


def test_what_was_not_padded_is_not_unpadded() -> None:
    for bad in (b"", bytes(8), b"\x80" + bytes(8), b"1234567\x81"):
        assert unpad2(bad) is None


def test_keys_have_8_16_or_24_bytes() -> None:
    assert [len(expand(bytes(size))) for size in (8, 16, 24)] == [24, 24, 24]
    with pytest.raises(ValueError, match="8, 16 or 24"):
        expand(bytes(15))
    with pytest.raises(ValueError):
        mac3(bytes(16), b"")
    with pytest.raises(ValueError):
        mac3(bytes(16), b"123")
    with pytest.raises(ValueError):
        xor(b"1", b"12")
