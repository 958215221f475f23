"""ATR and PPS, byte for byte (card-hardware.md A.1, A.2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countertop_drivers import CardMute, DeviceRefused
from countertop_drivers.ccid.atr import parse_atr
from countertop_drivers.ccid.descriptor import CcidDescriptor
from countertop_drivers.ccid.parameters import Choice, choose, encode_parameters, pps_answer, pps_request

READER = CcidDescriptor()
SLOW = CcidDescriptor(max_data_rate=10752)


def sound(text):
    return parse_atr(bytes.fromhex(text.replace(" ", "")))


def test_samples():
    plain = sound("3B 65 00 00 20 63 CB 68 00")
    assert (plain.protocols, plain.fidi, plain.historical.hex()) == ((0,), 0x11, "2063cb6800")
    block = sound("3B E5 00 00 81 31 FE 45 20 63 CB 68 00 0E")
    assert (block.protocols, block.ifsc, block.bwi, block.cwi, block.crc) == ((1,), 254, 4, 5, False)
    contactless = sound("3B 80 80 01 01")
    assert contactless.protocols == (0, 1)
    inverse = sound("3F 65 00 00 20 63 CB 68 00")
    assert inverse.inverse


@pytest.mark.parametrize(
    "text",
    [
        "", "3B", "3C00", "3B05", "3B0100", "3B650000 2063CB6800 00", "3BE500008131FE452063CB68000F",
        "3BE500008131FE452063CB6800", "3B10", "3B8080010100", "3B80",
    ],
)  # fmt: skip
def test_what_is_none(text):
    if text == "3B0100":
        assert sound(text).historical == b"\0"
        return
    with pytest.raises(CardMute):
        sound(text)


@given(st.binary(max_size=40))
def test_any_bytes(data):
    for encoded in (data, b"\x3b" + data):
        try:
            atr = parse_atr(encoded)
        except CardMute:
            continue
        assert atr.encoded == encoded
        choice = Choice(1 if 1 in atr.protocols else 0, atr.fidi)
        assert len(encode_parameters(choice, atr)) == (7 if choice.protocol else 5)


def test_the_cards_first_protocol_unless_the_reader_lacks_it():
    both = sound("3B80800101")
    assert choose(both, READER) == Choice(0)
    assert choose(both, CcidDescriptor(protocols=2)) == Choice(1, negotiate=True)
    with pytest.raises(DeviceRefused, match="T=0; the reader does not"):
        choose(sound("3B00"), CcidDescriptor(protocols=2))


def test_a_faster_card_is_negotiated_with_where_the_reader_keeps_up():
    fast = sound("3B 10 94")
    assert choose(fast, READER) == Choice(0, 0x94, negotiate=True)
    assert choose(fast, SLOW) == Choice(0)
    assert choose(fast, READER, fast=False) == Choice(0)


def test_the_specific_mode_needs_no_pps():
    # T0: TA1 and TD1; TD1: TA2, TD2 and T=1; TA2: T=1; TD2: TA3 and T=1; IFSC 254; the check byte.
    atr = sound("3B 90 95 91 01 11 FE 7A")
    assert (atr.specific, atr.fidi, atr.ifsc) == (1, 0x95, 254)
    assert choose(atr, READER) == Choice(1, 0x95)


def test_pps():
    assert pps_request(Choice(1, 0x94)) == bytes.fromhex("FF11947A")
    assert pps_request(Choice(1)) == bytes.fromhex("FF01FE")
    assert pps_answer(bytes.fromhex("FF11947A"), bytes.fromhex("FF11947A")) == 0x94
    assert pps_answer(bytes.fromhex("FF11947A"), bytes.fromhex("FF01FE")) == 0x11
    for wrong in ("", "FF00FF", "FF11957B", "FF01FF"):
        with pytest.raises(CardMute):
            pps_answer(bytes.fromhex("FF11947A"), bytes.fromhex(wrong))


def test_parameters():
    assert encode_parameters(Choice(0), sound("3B6500002063CB6800")).hex() == "1100000a00"
    assert encode_parameters(Choice(1), sound("3BE500008131FE452063CB68000E")).hex() == "1110004500fe00"
