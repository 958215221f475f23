"""Issuer application data, tag 9F10: layouts of card-hardware.md G.4."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countertop.emv.cvn import CVNS
from countertop.emv.iad import Iad, Layout, MastercardCvr, VisaCvr, cvr_in, describe_iad, layout_of, make_iad, read_iad

LAYOUTS = {
    Layout.VISA: (st.binary(min_size=3, max_size=3).map(lambda cvr: b"\x03" + cvr), 0, 0),
    Layout.FORMAT_2: (st.binary(min_size=5, max_size=5), 0, 0),
    Layout.MASTERCARD: (st.binary(min_size=6, max_size=6), 2, 8),
    Layout.CCD: (st.binary(min_size=5, max_size=5), 0, 8),
}


@pytest.mark.parametrize(
    ("name", "cvr", "dynamic", "expected"),
    [
        ("visa_10", "03A06010", "", "06010A03A06010"),
        ("visa_18", "03A0B800", "", "06011203A0B800"),
        ("interac_133", "03A0B800", "", "06018503A0B800"),
        ("visa_22", "00A0B80000", "", "1F2201" + "00A0B80000" + "00" * 24),
        ("visa_22", "03A0B800", "", "1F2201" + "00A0B80000" + "00" * 24),
        ("mastercard_16", "A00003220000", "", "0110A00003220000" + "0000" + "00000000000000FF"),
        ("mastercard_20", "A00003220000", "DAC0", "0114A00003220000" + "DAC0" + "00000000000000FF"),
        ("ccd_5", "A000000000", "", "0FA501" + "A000000000" + "00" * 8 + "0F" + "00" * 15),
    ],
)
def test_layouts(name: str, cvr: str, dynamic: str, expected: str) -> None:
    made = CVNS[name].make_iad(1, bytes.fromhex(cvr), bytes.fromhex(dynamic))
    assert made.hex().upper() == expected
    assert CVNS[name].cvr_of(made) in (bytes.fromhex(cvr), b"\x00" + bytes.fromhex(cvr)[1:] + b"\x00")


@given(st.data(), st.sampled_from(list(LAYOUTS)), st.integers(0, 255))
def test_what_is_made_is_read_again(draw: st.DataObject, layout: Layout, dki: int) -> None:
    cvrs, dynamic, counters = LAYOUTS[layout]
    parts = Iad(
        layout,
        {Layout.VISA: 0x12, Layout.FORMAT_2: 0x22, Layout.MASTERCARD: 0x15, Layout.CCD: 0xA5}[layout],
        dki,
        draw.draw(cvrs),
        draw.draw(st.binary(min_size=dynamic, max_size=dynamic)),
        draw.draw(st.binary(min_size=counters, max_size=counters)),
    )
    made = make_iad(parts)
    assert len(made) == {Layout.VISA: 7, Layout.MASTERCARD: 18}.get(layout, 32)
    if layout is Layout.MASTERCARD and made[0] == 0x06 and made[3] == 0x03:
        return  # looks like Visa's; M/Chip never sets those two bits
    assert read_iad(made) == parts


@pytest.mark.parametrize(
    ("layout", "cvr", "dynamic", "counters"),
    [
        (Layout.VISA, "04A06010", "", ""),
        (Layout.VISA, "03A060", "", ""),
        (Layout.FORMAT_2, "03A060", "", ""),
        (Layout.MASTERCARD, "A000032200", "", ""),
        (Layout.MASTERCARD, "A00003220000", "112233", ""),
        (Layout.CCD, "A0000000", "", ""),
        (Layout.CCD, "A000000000", "", "00" * 9),
    ],
)
def test_parts_of_the_wrong_length(layout: Layout, cvr: str, dynamic: str, counters: str) -> None:
    parts = (bytes.fromhex(text) for text in (cvr, dynamic, counters))
    with pytest.raises(ValueError, match=r"bytes"):
        make_iad(Iad(layout, 0x10, 1, *parts))


@given(st.one_of(st.binary(max_size=40), st.binary(min_size=31, max_size=31).map(lambda data: b"\x0f" + data)))
def test_any_bytes_are_described(data: bytes) -> None:
    known = layout_of(data)
    assert (read_iad(data) is None) == (known is None)
    assert (describe_iad(data) == "unknown layout") == (known is None)
    assert all(len(cvr_in(layout, data)) <= 6 for layout in Layout)


@pytest.mark.parametrize(
    "text",
    ["0FA501" + "A0" * 13 + "0E" + "00" * 15, "0125" + "00" * 16, "0110" + "00" * 15, "06010A02A06010", "0601"],
)
def test_what_is_almost_a_layout(text: str) -> None:
    assert read_iad(bytes.fromhex(text)) is None


def test_results_in_words() -> None:
    assert describe_iad(bytes.fromhex("06010A03A46012")) == (
        "Visa CVN 0A, key 1, CVR 03A46012: GAC 2 not requested, GAC 1 ARQC, offline pin done, pin try limit, "
        "velocity exceeded, dda done, scripts 1"
    )
    assert describe_iad(bytes.fromhex("0110A50003220000000000000000000000FF")) == (
        "M/Chip CVN 10, key 1, CVR A50003220000: GAC 2 not requested, GAC 1 ARQC, offline pin done, offline pin ok, "
        "pin not performed, domestic, scripts 0, PIN tries 3"
    )
    assert (
        describe_iad(bytes.fromhex("0FA501A000000000" + "00" * 8 + "0F" + "00" * 15))
        == "CCD CVN A5, key 1, CVR A000000000"
    )


def test_bits_do_not_overlap() -> None:
    for flags in (VisaCvr, MastercardCvr):
        assert len(flags.__members__) == len(list(flags)), "two names for one bit"
        assert all(bit.value.bit_count() == 1 for bit in flags)
