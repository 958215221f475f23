"""Recorded exchanges, byte for byte."""

from __future__ import annotations

import pytest

import countertop_drivers as drivers
import countertop_firmware
from countertop_drivers.trace_file import parse

TRACE = """\
# two selections
atr 3B80 8001 01
> 00A40400 0E 325041592E5359532E4444463031 00
< 6A82
> 00A4040007A000000003101000   # Visa
< 6F00 9000
"""
PPSE = bytes.fromhex("00A404000E325041592E5359532E444446303100")
VISA = bytes.fromhex("00A4040007A000000003101000")


@pytest.fixture
def link(tmp_path):
    path = tmp_path / "trace.apdu"
    path.write_text(TRACE)
    return drivers.open(f"replay:{path}")


def test_it_answers_what_was_recorded(link):
    assert link.power_on() == bytes.fromhex("3B80800101")
    assert link.transmit(PPSE) == bytes.fromhex("6A82")
    assert link.transmit(VISA) == bytes.fromhex("6F009000")
    assert link.finished


def test_another_command_names_line_and_bytes(link):
    link.power_on()
    with pytest.raises(drivers.TraceError) as refusal:
        link.transmit(VISA)
    assert str(refusal.value).endswith(
        "line 3: the command differs from byte 4 on.\n"
        "  expected 00A404000E325041592E5359532E444446303100  SELECT 2PAY.SYS.DDF01\n"
        "  got      00A4040007A000000003101000  SELECT A0000000031010\n"
        "                   ^^"
    )


def test_a_command_after_the_end(link):
    link.power_on()
    link.transmit(PPSE)
    link.transmit(VISA)
    with pytest.raises(drivers.TraceError, match="ends before the command 00A4040007A000000003101000"):
        link.transmit(VISA)


def test_powering_on_begins_again(link):
    link.power_on()
    link.transmit(PPSE)
    assert link.power_on() == bytes.fromhex("3B80800101")
    assert link.transmit(PPSE) == bytes.fromhex("6A82")


def test_nothing_without_power(link):
    with pytest.raises(drivers.CardAbsent):
        link.transmit(PPSE)
    link.power_on()
    link.power_off()
    with pytest.raises(drivers.CardAbsent):
        link.transmit(PPSE)


def test_a_recorded_second_power_on_is_played(tmp_path):
    path = tmp_path / "trace.apdu"
    path.write_text("atr 3B00\n> 00A40400\n< 6A82\natr 3B01AA\n> 00B20100\n< 9000\n")
    link = drivers.open(f"replay:{path}")
    assert link.power_on() == b"\x3b\x00"
    link.transmit(bytes.fromhex("00A40400"))
    with pytest.raises(drivers.TraceError, match="line 4: the card was powered on again here"):
        link.transmit(bytes.fromhex("00B20100"))
    assert link.power_on() == bytes.fromhex("3B01AA")
    assert link.transmit(bytes.fromhex("00B20100")) == b"\x90\x00"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds no exchange"),
        ("# nothing\n\n", "holds no exchange"),
        ("> 00A40400\n< 9000\n", "line 1: it must begin with an atr line"),
        ("atr 3B00\n< 9000\n", "line 2: a response without its command"),
        ("atr 3B00\n> 00A40400\n> 00A40400\n", "line 3: the command before it has no response"),
        ("atr 3B00\n> 00A40400\n", "line 2: the last command has no response"),
        ("atr 3B00\n> 00A404\n< 9000", "line 2: a command has 4 bytes or more"),
        ("atr 3B00\n> 00A40400\n< 90", "line 3: a response has 2 bytes or more"),
        ("atr 3B00\n> 00A4040G\n< 9000", "line 2: '00A4040G' is not hexadecimal"),
        ("atr 3B00\n>00A40400\n", "line 2: '>00A40400' is none of"),
        ("\n\nhello world\n", "line 3: 'hello' is none of"),
    ],
)
def test_a_malformed_recording_names_its_line(text, words):
    with pytest.raises(drivers.TraceError, match=words):
        parse(text)


def test_files_that_are_no_recordings(tmp_path):
    with pytest.raises(drivers.BadAddress, match="cannot be read: No such file"):
        drivers.open(f"replay:{tmp_path}/none.apdu")
    with pytest.raises(drivers.BadAddress, match="cannot be read: Is a directory"):
        drivers.open(f"replay:{tmp_path}")
    junk = tmp_path / "junk.apdu"
    junk.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(drivers.TraceError, match="is not text"):
        drivers.open(f"replay:{junk}")
    junk.write_bytes(b"#" * (4 * 1024 * 1024 + 1))
    with pytest.raises(drivers.BadAddress, match="larger than 4 MiB"):
        drivers.open(f"replay:{junk}")


def test_the_sample_recording(tmp_path):
    path = tmp_path / "sample.apdu"
    path.write_text(countertop_firmware.trace_path("visa_select").read_text(encoding="utf-8"))
    link = drivers.open(f"replay:{path}")
    assert link.power_on() == bytes.fromhex("3B80800101")
    assert b"2PAY.SYS.DDF01" in link.transmit(PPSE)
    assert b"VISA CREDIT" in link.transmit(VISA)
    assert link.finished
