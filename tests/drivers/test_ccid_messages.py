"""Descriptors, messages and the error table, byte for byte (card-hardware.md B)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countertop_drivers import CardAbsent, CardMute, DeviceRefused, DriverError, ProtocolError
from countertop_drivers.ccid import messages as m
from countertop_drivers.ccid.apdu import Apdu
from countertop_drivers.ccid.descriptor import CcidDescriptor, Feature, Level, find_descriptor
from countertop_drivers.ccid.failures import NAMES, error_name, failure_of
from countertop_drivers.ccid.messages import Answer, Command, slot_changes
from countertop_drivers.ccid.secure import EMV_VERIFY, PinModify, PinVerify, insert_pin, with_prologue
from countertop_drivers.ccid.t1_blocks import Block, information, ready

# As QEMU's reader has it: TPDU level, dwFeatures 000104FE, T=0 only.
QEMU = bytes.fromhex(
    "3621 1001 00 07 01000000 A00F0000 803E0000 00 80250000 00C20100 00 FE000000 00000000 00000000 FE040100 0F010000 FF FF 0000 00 01".replace(
        " ", ""
    )
)


def test_a_descriptor():
    descriptor = CcidDescriptor.parse(QEMU)
    assert descriptor.encoded == QEMU
    assert (descriptor.level, descriptor.slots, descriptor.protocols) == (Level.TPDU, 1, 1)
    assert descriptor.max_message == 271
    assert descriptor.does(Feature.AUTO_IFSD)
    assert (
        find_descriptor([b"\x09\x04" + bytes(7), bytes.fromhex("0705810240 0000".replace(" ", "")) + QEMU])
        == descriptor
    )


def test_descriptors_that_are_none():
    for wrong in (b"", QEMU[:-1], b"\x35" + QEMU[1:], QEMU[:1] + b"\x22" + QEMU[2:]):
        with pytest.raises(ProtocolError):
            CcidDescriptor.parse(wrong)
        with pytest.raises(ProtocolError):
            find_descriptor([wrong])
    with pytest.raises(ProtocolError, match="claims messages of 4294967295"):
        CcidDescriptor.parse(QEMU[:44] + b"\xff" * 4 + QEMU[48:])


def test_a_message_each_way():
    command = Command(m.XFR_BLOCK, 1, 0x2A, b"\0\0\0", bytes.fromhex("00A4040000"))
    assert command.encoded.hex() == "6f05000000012a00000000a4040000"
    assert Command.parse(command.encoded) == command
    answer = Answer.parse(bytes.fromhex("80020000000 12A000000 9000".replace(" ", "")))
    assert (answer.kind, answer.slot, answer.seq, answer.data) == (m.DATA_BLOCK, 1, 0x2A, b"\x90\x00")
    # QEMU 7.2 answers GetParameters with dwLength 0 and seven bytes behind it.
    assert Answer.parse(bytes.fromhex("82000000000000000001") + bytes(7)).data == b""


def test_slot_changes():
    assert slot_changes(bytes.fromhex("5003"))[0] == (True, True)
    assert slot_changes(bytes.fromhex("5002"))[0] == (False, True)
    assert slot_changes(bytes.fromhex("500C"))[:2] == [(False, False), (True, True)]


def test_the_error_table():
    for code in range(256):
        name, meaning = error_name(code)
        assert name
        assert meaning
        answer = Answer(m.DATA_BLOCK, 0, 0, 0x40, code)
        assert isinstance(failure_of(m.XFR_BLOCK, answer), DriverError)
    assert len(NAMES) == 23
    absent = Answer(m.DATA_BLOCK, 0, 0, 0x42, 0xFE)
    assert isinstance(failure_of(m.ICC_POWER_ON, absent), CardAbsent)
    assert isinstance(failure_of(m.XFR_BLOCK, Answer(m.DATA_BLOCK, 0, 0, 0x40, 0xFE)), CardMute)
    refusal = failure_of(m.XFR_BLOCK, Answer(m.DATA_BLOCK, 0, 0, 0x40, 0xE0))
    assert isinstance(refusal, DeviceRefused)
    assert (refusal.code, refusal.name) == (0xE0, "CMD_SLOT_BUSY")


def test_apdus():
    assert Apdu.parse(bytes.fromhex("00A40400")) == Apdu(bytes.fromhex("00A40400"))
    assert Apdu.parse(bytes.fromhex("00B2010C00")).le == 256
    assert Apdu.parse(bytes.fromhex("00B2010C000000")).le == 65536
    assert Apdu.parse(bytes.fromhex("00A40400021122")).data == b"\x11\x22"
    assert Apdu.parse(bytes.fromhex("00A4040002112200")).le == 256
    long = Apdu.parse(bytes.fromhex("00A4040000012C") + bytes(300) + b"\0\0")
    assert (len(long.data), long.le, long.extended) == (300, 65536, True)
    for wrong in (
        "",
        "00A404",
        "00A4040005",
        "00A404000211",
        "00A40400021122AABB",
        "00A404000000",
        "00A40400000003112233AA",
    ):
        if wrong == "00A4040005":
            continue  # case 2
        with pytest.raises(ProtocolError):
            Apdu.parse(bytes.fromhex(wrong))


def test_blocks():
    assert Block(0xC1, b"\xfe").encode().hex() == "00c101fe3e"
    assert Block(0xE1, b"\xfe").encode().hex() == "00e101fe1e"
    assert Block(0xC0).encode().hex() == "00c000c0"
    assert Block(0xC3, b"\x04").encode().hex() == "00c30104c6"
    assert information(0, bytes.fromhex("00A4040000")).encode().hex() == "00000500a4040000a5"
    assert ready(1, 1).encode().hex() == "00910091"
    # The CRC of ISO/IEC 13239 as X.25 has it: 906E for the digits 1 to 9, low byte first there, high byte first here.
    crc = Block(0x00, b"x").encode(crc=True)
    assert Block.parse(crc, crc=True).inf == b"x"


def test_the_structure_of_pin_entry():
    entry = PinVerify(timeout=30)
    assert entry.encoded.hex().upper() == "001E8947040C0402FF090400000000" + EMV_VERIFY.hex().upper()
    assert PinVerify.parse(entry.encoded) == entry
    assert with_prologue(entry.encoded, b"\0\x40\x0d")[12:15] == b"\0\x40\x0d"
    assert insert_pin(entry, "1234") == bytes.fromhex("0020008008241234FFFFFFFFFF")
    assert insert_pin(entry, "123456789012") == bytes.fromhex("00200080082C123456789012FF")
    with pytest.raises(ProtocolError):
        insert_pin(entry, "1" * 15)
    # ASCII digits, left-justified, no length: 82 = bytes, position 0.
    text = PinVerify(
        format_string=0x82, block_string=0x08, length_format=0, apdu=bytes.fromhex("0020000108") + b"\xff" * 8
    )
    assert insert_pin(text, "1234") == bytes.fromhex("002000010831323334FFFFFFFF")


def test_the_structure_of_pin_change():
    apdu = bytes.fromhex("0024000010") + b"\xff" * 16
    for messages, shown in ((1, 0), (2, 1), (3, 2)):
        entry = PinModify(timeout=15, old_at=0, new_at=8, messages=messages, apdu=apdu)
        assert len(entry.encoded) == 15 + shown + 3 + len(apdu)
        assert entry.encoded[:7].hex() == "010f8947040008"
        assert with_prologue(entry.encoded, b"abc")[15 + shown : 18 + shown] == b"abc"


@given(st.binary(max_size=80), st.booleans())
def test_any_bytes(data, crc):
    parsers = [
        CcidDescriptor.parse, Answer.parse, Command.parse, slot_changes, Apdu.parse, PinVerify.parse,
        lambda each: Block.parse(each, crc), lambda each: find_descriptor([each]),
    ]  # fmt: skip
    for parse in parsers:
        try:
            parse(data)
        except ProtocolError as error:
            assert str(error)
