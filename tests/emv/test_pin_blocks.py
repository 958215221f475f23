"""PIN blocks: vectors of card-hardware.md G.7 and G.8, psec's word on random ones, damage."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psec import pinblock as theirs

from countertop.emv.pin_block import (
    PinBlockError,
    decipher_format_4,
    decode,
    encipher_format_4,
    encode,
    encode_format_2,
)

PINS = st.text("0123456789", min_size=4, max_size=12)
PANS = st.text("0123456789", min_size=13, max_size=19)
KEYS = st.binary(min_size=16, max_size=16)
FILL = bytes.fromhex("2F69ADDE2E9E7ACE")


def draw(count: int) -> bytes:
    return Random(count).randbytes(count)


def test_published_blocks() -> None:
    # G.7, and format 4 of the DUKPT example in G.8.
    assert encode(0, "1234", "4012345678909").hex().upper() == "041274EDCBA9876F"
    assert encode_format_2("1234").hex().upper() == "241234FFFFFFFFFF"
    assert encode(4, "1234", random=lambda count: FILL).hex().upper() == "441234AAAAAAAAAA2F69ADDE2E9E7ACE"
    key = bytes.fromhex("AF8CB133A78F8DC2D1359F18527593FB")
    block = encipher_format_4(key, "1234", "4111111111111111", lambda count: FILL)
    assert block.hex().upper() == "A912150391AB65A67E52883D81CE2D15"
    assert decipher_format_4(key, block, "4111111111111111") == "1234"


@given(PINS, PANS)
def test_formats_0_2_and_3_agree_with_psec(pin: str, pan: str) -> None:
    assert encode(0, pin, pan) == theirs.encode_pinblock_iso_0(pin, pan)
    assert encode(2, pin) == theirs.encode_pinblock_iso_2(pin)
    assert theirs.decode_pinblock_iso_3(encode(3, pin, pan, draw), pan) == pin
    assert decode(3, theirs.encode_pinblock_iso_3(pin, pan), pan) == pin


@given(KEYS, PINS, st.text("0123456789", min_size=8, max_size=19))
def test_format_4_agrees_with_psec(key: bytes, pin: str, pan: str) -> None:
    assert decipher_format_4(key, theirs.encipher_pinblock_iso_4(key, pin, pan), pan) == pin
    assert theirs.decipher_pinblock_iso_4(key, encipher_format_4(key, pin, pan, draw), pan) == pin


@given(st.sampled_from([0, 1, 2, 3, 4]), PINS, PANS)
def test_what_goes_in_comes_out(form: int, pin: str, pan: str) -> None:
    block = encode(form, pin, pan, draw)
    assert len(block) == (16 if form == 4 else 8)
    assert decode(form, block, pan) == pin


@given(st.sampled_from([0, 1, 2, 3, 4, 5, 15]), st.binary(max_size=16), PANS)
def test_any_bytes_hold_a_pin_or_raise(form: int, block: bytes, pan: str) -> None:
    try:
        pin = decode(form, block, pan)
    except PinBlockError:
        return
    assert pin.isdecimal()
    assert 4 <= len(pin) <= 12


@given(KEYS, st.binary(min_size=16, max_size=16), PANS)
def test_any_block_of_format_4_holds_a_pin_or_raises(key: bytes, block: bytes, pan: str) -> None:
    try:
        assert decipher_format_4(key, block, pan).isdecimal()
    except PinBlockError as error:
        assert pan not in str(error)


def test_a_block_is_for_its_pan() -> None:
    block = encode(3, "1234", "4012345678909", draw)
    with pytest.raises(PinBlockError):
        decode(3, block, "4012345678909999999")
    key = bytes(16)
    other = encipher_format_4(key, "1234", "4012345678909", draw)
    with pytest.raises(PinBlockError):
        decipher_format_4(key, other, "4012345678919")
    with pytest.raises(PinBlockError):
        decipher_format_4(b"\x01" * 16, other, "4012345678909")


@pytest.mark.parametrize("pin", ["", "123", "1234567890123", "12a4", "١٢٣٤", "²²²²"])
def test_what_is_no_pin(pin: str) -> None:
    for form in (0, 1, 2, 3, 4):
        with pytest.raises(PinBlockError, match="4 to 12 digits"):
            encode(form, pin, "4012345678909", draw)


@pytest.mark.parametrize(
    ("form", "pan", "why"),
    [
        (0, "", "PAN"),
        (3, "40123456x8909", "PAN"),
        (4, "1" * 20, "PAN"),
        (5, "4012345678909", "format 5"),
    ],
)
def test_what_cannot_be_encoded(form: int, pan: str, why: str) -> None:
    with pytest.raises(PinBlockError, match=why):
        encipher_format_4(bytes(16), "1234", pan, draw) if form == 4 else encode(form, "1234", pan, draw)


def test_what_is_drawn_at_random_needs_a_source() -> None:
    for form in (1, 3, 4):
        with pytest.raises(PinBlockError, match="random"):
            encode(form, "1234", "4012345678909")
    with pytest.raises(PinBlockError, match="15 bytes"):
        decipher_format_4(bytes(16), bytes(15), "4012345678909")
