"""Data objects, byte for byte (EMV Book 3 annex B)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countertop.emv import tlv
from countertop.emv.tlv import TlvError

H = bytes.fromhex
TAGS = st.sampled_from([0x5A, 0x9F26, 0x70, 0x6F, 0xBF0C, 0xDF8115, 0xFF8105, 0x80])


def test_a_file_control_information_template():
    fci = H("6F1B8407A0000000031010A510500B5649534120435245444954870101")
    (template,) = tlv.parse(fci)
    assert (template.tag, template.constructed) == (0x6F, True)
    assert template.find(0x84) == H("A0000000031010")
    assert template.find(0x87) == b"\x01"
    assert [item.tag for item in tlv.flatten([template])] == [0x84, 0x50, 0x87]
    assert template.encoded == fci


@pytest.mark.parametrize(
    "written",
    ["5A0102", "5A810102", "5A82000102", "0000005A0102", "9F2608" + "11" * 8, "DF811502ABCD"],
)
def test_an_object_remembers_how_it_was_written(written):
    (item,) = tlv.parse(H(written))
    assert item.encoded == H(written)


def test_padding_between_and_behind_objects():
    items = tlv.parse(H("5A0102 0000 9F2701 80 000000".replace(" ", "")))
    assert [(item.tag, item.value) for item in items] == [(0x5A, b"\x02"), (0x9F27, b"\x80")]


@pytest.mark.parametrize(
    "damaged",
    ["5A", "5A02", "5A0201", "9F", "9F80", "5A80", "5A85", "5A8101", "5A8500000000", "9F8181818101", "5A84FFFFFFFF"],
)
def test_damage_is_said(damaged):
    with pytest.raises(TlvError):
        tlv.parse(H(damaged))


def test_templates_without_end_are_refused():
    deep = b""
    for _ in range(60):
        deep = tlv.make(0x70, deep)
    with pytest.raises(TlvError, match="deep"):
        list(tlv.flatten(tlv.parse(deep)))
    with pytest.raises(TlvError, match="deep"):
        tlv.find(deep, 0x5A)


@given(TAGS, st.binary(max_size=70_000))
def test_what_is_made_is_read(tag, value):
    (item,) = tlv.parse(tlv.make(tag, value))
    assert (item.tag, item.value) == (tag, value)


@given(st.lists(st.tuples(TAGS, st.binary(min_size=1, max_size=300)), max_size=8))
def test_objects_in_a_row_keep_their_bytes(objects):
    whole = tlv.join(objects)
    items = tlv.parse(whole)
    assert [(item.tag, item.value) for item in items] == objects
    assert b"".join(item.encoded for item in items) == whole


@given(st.binary(max_size=300))
def test_any_bytes_are_objects_or_an_error(data):
    try:
        items = tlv.parse(data)
        flat = list(tlv.flatten(items))
    except TlvError:
        return
    assert b"".join(item.encoded for item in items) == data[: sum(len(item.encoded) for item in items)]
    assert not any(data[sum(len(item.encoded) for item in items) :]), "only padding is left out"
    assert all(not item.constructed for item in flat)
