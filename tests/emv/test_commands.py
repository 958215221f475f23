"""Commands, responses, data object lists, and data objects in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countertop.emv import dol
from countertop.emv.apdu import ApduError, Command, Response
from countertop.emv.bits import AIP, AUC, TSI, TVR
from countertop.emv.cvm import CvmList
from countertop.emv.describe import describe
from countertop.emv.tags import TAGS, name_of
from countertop.emv.tlv import TlvError

H = bytes.fromhex
BYTE = st.integers(0, 255)


@pytest.mark.parametrize(
    ("written", "data", "le"),
    [
        ("00840000", "", None),
        ("0084000000", "", 256),
        ("0084000008", "", 8),
        ("00A4040005A000000003", "A000000003", None),
        ("00A4040005A00000000300", "A000000003", 256),
        ("00B0000000 0100".replace(" ", ""), "", 256),
        ("00B00000000000", "", 65536),
        ("00D60000 000003 010203".replace(" ", ""), "010203", None),
        ("00D60000 000003 010203 0000".replace(" ", ""), "010203", 65536),
    ],
)
def test_the_cases_of_iso_7816_4(written, data, le):
    command = Command.parse(H(written))
    assert (command.header, command.data, command.le) == (H(written[:8]), H(data), le)


@pytest.mark.parametrize(
    "written", ["", "00", "008400", "00A4040005A0", "00A40400050102030405060708", "00A40400000005A0"]
)
def test_no_commands(written):
    with pytest.raises(ApduError):
        Command.parse(H(written))


@given(BYTE, BYTE, BYTE, BYTE, st.binary(max_size=400), st.none() | st.integers(1, 65536))
def test_a_command_is_read_as_it_was_written(cla, ins, p1, p2, data, le):
    command = Command(cla, ins, p1, p2, data, le)
    assert Command.parse(command.encoded) == command


@given(st.binary(max_size=600))
def test_any_bytes_are_a_command_or_an_error(data):
    try:
        command = Command.parse(data)
    except ApduError:
        return
    assert Command.parse(command.encoded) == command


def test_responses():
    assert Response.parse(H("6F009000")) == Response(H("6F00"), 0x9000)
    assert Response.parse(H("6A82")).encoded == H("6A82")
    with pytest.raises(ApduError):
        Response.parse(b"\x90")


def test_a_list_is_filled_by_the_rules_of_book_3():
    asked = dol.parse_dol(H("9F0208 9F0204 5A0C 5F2004 5F2008 DF0102 7004 9F3702".replace(" ", "")))
    values = {
        0x9F02: H("000000012345"),
        0x5A: H("4242424242424242"),
        0x5F20: b"ABCDEF",
        0x70: b"\x01",
        0x9F37: H("AABBCCDD"),
    }
    filled = dol.build(asked, values)
    parts = dol.split(asked, filled)
    assert filled == H(
        "0000000000012345"
        + "00012345"
        + "4242424242424242FFFFFFFF"
        + "41424344"
        + "4142434445460000"
        + "0000"
        + "00000000"
        + "AABB"
    )
    assert parts[0x9F37] == H("AABB")
    with pytest.raises(TlvError):
        dol.split(asked, filled[:-1])


@pytest.mark.parametrize("damaged", ["9F", "9F37", "5A", "9F37FF", "9F8181818104"])
def test_damaged_lists(damaged):
    with pytest.raises(TlvError):
        dol.parse_dol(H(damaged))
    assert describe(0x8C, H(damaged)) == "malformed"


def test_a_list_that_asks_for_more_than_a_command_carries():
    with pytest.raises(TlvError):
        dol.build(((0x9F37, 200), (0x9F37, 100)), {})


def test_the_dictionary():
    assert len(TAGS) > 190
    assert TAGS[0x9F26].name == "application cryptogram"
    assert (TAGS[0x5A].format, TAGS[0x5A].longest, TAGS[0x5A].source) == ("cn", 10, "C")
    assert TAGS[0x9F02].takes(bytes(6))
    assert not TAGS[0x9F02].takes(bytes(5))
    assert name_of(0xDF01) == "tag DF01"


def test_named_bits():
    assert TVR(0x0000048000).names == ("online pin", "floor limit")
    assert TVR.EXPIRED.encoded == H("0040000000")
    assert (TSI(0xE800).encoded, AIP.CDA.encoded, AUC(0xFF00).encoded) == (H("E800"), H("0100"), H("FF00"))


@pytest.mark.parametrize(
    ("tag", "value", "says"),
    [
        (0x95, "0000048000", "online pin, floor limit"),
        (0x95, "00", "malformed"),
        (0x82, "3900", "dda, cardholder verification, risk management, cda"),
        (0x9F27, "80", "ARQC"),
        (0x9F34, "410302", "plaintext PIN by the card, if the terminal supports it: successful"),
        (0x9F34, "3F0000", "none performed, always: unknown"),
        (0x8E, "00000000000000004203", "online PIN if the terminal supports it, else next"),
        (0x9F02, "000000001250", "000000001250"),
        (0x5A, "4242424242424242", "4242424242424242"),
        (0x50, "56495341", "VISA"),
        (0x9F26, "0011223344556677", ""),
        (0x9F37, "AABBCCDD", ""),
        (0x8C, "9F0206", "amount, authorised (6)"),
    ],
)
def test_values_in_words(tag, value, says):
    assert describe(tag, H(value)) == says


@given(st.sampled_from(sorted(TAGS)), st.binary(max_size=40))
def test_describing_never_fails(tag, value):
    assert isinstance(describe(tag, value), str)


@pytest.mark.parametrize("damaged", ["", "00" * 7, "00" * 9])
def test_damaged_cvm_lists(damaged):
    with pytest.raises(TlvError):
        CvmList.parse(H(damaged))
