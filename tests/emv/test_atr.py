"""Answers to reset: ISO/IEC 7816-3 §8, EMV Book 1 §8 (card-hardware.md A.1)."""

from __future__ import annotations

from functools import reduce
from operator import xor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countertop.emv.atr import AtrError, check_emv, make_atr, parse_atr

# card-hardware.md A.1: accepted by emv-decode and pcscd.
SAMPLES = {
    "3B6500002063CB6800": ({"TB1": 0, "TC1": 0}, "2063CB6800", (0,)),
    "3BE500008131FE452063CB6800 0E": (
        {"TB1": 0, "TC1": 0, "TD1": 0x81, "TD2": 0x31, "TA3": 0xFE, "TB3": 0x45},
        "2063CB6800",
        (1,),
    ),
    "3B6800000073C84000009000": ({"TB1": 0, "TC1": 0}, "0073C84000009000", (0,)),
}
GOOD_T1 = {"TB1": 0, "TC1": 0, "TD1": 1, "TD2": 1, "TA3": 0xFE, "TB3": 0x45}


@pytest.mark.parametrize("text", SAMPLES)
def test_the_known_ones_are_read_allowed_and_written_again(text: str) -> None:
    interface, history, protocols = SAMPLES[text]
    atr = parse_atr(bytes.fromhex(text))
    assert dict(atr.interface) == interface
    assert atr.historical.hex().upper() == history
    assert atr.protocols == protocols
    assert not atr.inverse
    check_emv(atr)
    assert make_atr(interface, bytes.fromhex(history)) == bytes.fromhex(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "at least 2"),
        ("3B", "at least 2"),
        ("036500002063CB6800", "turned over"),
        ("3A00", "TS is 3A"),
        ("3B6500002063CB68", "9 bytes without a check byte, 8 are there"),
        ("3B6500002063CB680045", "9 bytes without a check byte, 10 are there"),
        ("3BE500008131FE452063CB68000F", "TCK is wrong"),
        ("3BE500008131FE452063CB6800", "14 bytes with a check byte, 13 are there"),
        ("3BF0", "ends before TA1"),
        ("3B80808080808080808001", "never end"),
        ("3B" + "00" * 40, "at most 33"),
    ],
)
def test_what_is_no_atr(text: str, why: str) -> None:
    with pytest.raises(AtrError, match=why):
        parse_atr(bytes.fromhex(text))


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"TB1": 0x25}, "TB1"),
        ({"TC1": 1}, "TC1"),
        ({"TA2": 0x80}, "TA2 names another protocol"),
        ({"TA2": 0x91}, "implicit"),
        ({"TA1": 0x14, "TA2": 0x81}, "TA1"),
        ({"TB2": 0}, "TB2"),
        ({"TC2": 0x0A}, "TC2"),
        ({"TD1": 5}, "TD1 names T=5"),
        ({"TD2": 0}, "TD2"),
        ({"TA3": 0x0F}, "TA3"),
        ({"TA3": 0xFF}, "TA3"),
        ({"TB3": 0x55}, "TB3"),
        ({"TB3": 0x46}, "TB3"),
        ({"TC3": 1}, "CRC"),
    ],
)
def test_what_emv_does_not_allow(changed: dict[str, int], why: str) -> None:
    check_emv(parse_atr(make_atr(GOOD_T1)))
    with pytest.raises(AtrError, match=why):
        check_emv(parse_atr(make_atr(GOOD_T1 | changed)))


def test_t1_needs_a_tb3() -> None:
    with pytest.raises(AtrError, match="without TB3"):
        check_emv(parse_atr(make_atr({"TD1": 1, "TD2": 1, "TA3": 0xFE})))


@pytest.mark.parametrize("value", [0x09, 0x0B])
def test_t0_waits_as_long_as_everybody(value: int) -> None:
    check_emv(parse_atr(make_atr({"TD1": 0, "TC2": 0x0A})))
    with pytest.raises(AtrError, match="TC2"):
        check_emv(parse_atr(make_atr({"TD1": 0, "TC2": value})))


def test_the_inverse_convention_and_a_fixed_protocol() -> None:
    atr = parse_atr(make_atr({"TA1": 0x13, "TD1": 1, "TA2": 0x81}, b"\x80", inverse=True))
    assert atr.encoded[0] == 0x3F
    assert atr.inverse
    assert atr.specific_protocol == 1
    assert parse_atr(b"\x3b\x00").specific_protocol is None


@pytest.mark.parametrize(
    ("interface", "history"),
    [
        ({"TE1": 0}, b""),
        ({"TA9": 0}, b""),
        ({"TA1": 256}, b""),
        ({"TA2": 0}, b""),
        ({}, bytes(16)),
        ({name: 1 for level in range(1, 8) for name in (f"TA{level}", f"TB{level}", f"TD{level}")}, bytes(15)),
    ],
)
def test_what_cannot_be_written(interface: dict[str, int], history: bytes) -> None:
    with pytest.raises(AtrError):
        make_atr(interface, history)


@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        atr = parse_atr(data)
    except AtrError:
        return
    assert make_atr(atr.interface, atr.historical, inverse=atr.inverse) == data
    try:
        check_emv(atr)
    except AtrError:
        return
    assert atr.protocols[0] in (0, 1)


LEVELS = st.integers(1, 4).flatmap(
    lambda count: st.tuples(
        *[
            st.fixed_dictionaries(
                {f"TD{n}": st.integers(0, 15)} if n < count else {},
                optional={f"T{letter}{n}": st.integers(0, 255) for letter in "ABC"},
            )
            for n in range(1, count + 1)
        ]
    )
)


@given(LEVELS, st.binary(max_size=15))
def test_what_is_written_is_read(levels: tuple[dict[str, int], ...], history: bytes) -> None:
    interface = {name: value for level in levels for name, value in level.items()}
    encoded = make_atr(interface, history)
    atr = parse_atr(encoded)
    assert atr.historical == history
    assert {name: v & 0x0F if name.startswith("TD") else v for name, v in atr.interface.items()} == interface
    checked = any(v & 0x0F for name, v in interface.items() if name.startswith("TD"))
    assert len(encoded) == 2 + len(interface) + len(history) + checked
    assert not checked or reduce(xor, encoded[1:]) == 0
