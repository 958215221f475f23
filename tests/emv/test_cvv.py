"""CVV and its relatives, CVC3, PVV: vectors of card-hardware.md G.9; psec's and pyemv's word on random ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psec import cvv as their_cvv
from psec import pin as their_pin
from pyemv import cvv as their_cvc3

from countertop.emv.cvv import cvc3, cvv, dcvv, icvv, pvv
from countertop.emv.keys import icc_master_key

pytestmark = [
    pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning:pyemv"),
    pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning:psec"),
]

KEY = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
KEYS = st.binary(min_size=16, max_size=16)


def digits(shortest: int, longest: int | None = None) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=shortest, max_size=longest or shortest)


def test_published_values() -> None:
    assert cvv(KEY, "4123456789012345", "8701", "101") == "561"
    assert cvv(KEY, "4123456789012345", "8701", "000") == "636"
    assert icvv(KEY, "4123456789012345", "8701") == "651"
    assert pvv(KEY, 1, "1122334455667788", "4524") == "8523"
    card = icc_master_key(bytes.fromhex("01234567899876543210012345678998"), "5123456789012345", "00")
    track = bytes.fromhex("5123456789012345D35121010000000000000F")
    assert cvc3(card, track, bytes.fromhex("00000899"), bytes.fromhex("005E")) == "29488"


@given(KEYS, digits(13, 18), digits(4), digits(3))
def test_cvv_agrees_with_psec(key: bytes, pan: str, yymm: str, service_code: str) -> None:
    assert cvv(key, pan, yymm, service_code) == their_cvv.generate_cvv(key, pan, yymm, service_code)


@given(KEYS, digits(13, 19), st.integers(0, 6), digits(4))
def test_pvv_agrees_with_psec(key: bytes, pan: str, index: int, pin: str) -> None:
    assert pvv(key, index, pan, pin) == their_pin.generate_visa_pvv(key, str(index), pin, pan)


@given(KEYS, st.binary(min_size=10, max_size=76), st.binary(min_size=2, max_size=2), st.binary(min_size=4, max_size=4))
def test_cvc3_agrees_with_pyemv(key: bytes, track: bytes, atc: bytes, un: bytes) -> None:
    assert int(cvc3(key, track, un, atc)) == int(their_cvc3.generate_cvc3(key, track, atc, un))


def test_dcvv_is_a_cvv_of_the_counter() -> None:
    assert dcvv(KEY, "4123456789012345", "8701", "101", 12_345) == cvv(KEY, "2345456789012345", "8701", "101")
    assert dcvv(KEY, "4123456789012345", "8701", "101", 17) != dcvv(KEY, "4123456789012345", "8701", "101", 18)
