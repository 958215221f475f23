"""Recorded exchanges, byte for byte."""

from __future__ import annotations

import pytest

import countertop_drivers as drivers
import countertop_firmware
from countertop_drivers.loop import LoopLink
from countertop_drivers.recording import recorded
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


HEAD = '{"countertop_trace": 1, "url": "ccid:usb", "kind": "KIND", "began": "2026-11-23", "masked": true}'


def written(tmp_path, *frames, kind="card"):
    """A recording with these frames: direction, kind, digits."""
    path = tmp_path / "trace.json"
    lines = [HEAD.replace("KIND", kind)]
    for us, (direction, of, digits, *problem) in enumerate(frames):
        more = f', "problem": "{problem[0]}", "method": "raw"' if problem else ""
        lines.append(f'{{"us": {us}, "dir": "{direction}", "kind": "{of}", "hex": "{digits}"{more}}}')
    path.write_text("\n".join(lines) + "\n")
    return f"replay:{path}"


ON = ("<", "atr", "3B80800101")
ASK, TELL = (">", "apdu", PPSE.hex()), ("<", "apdu", "6A82")


def test_a_recording_answers_as_the_card_did(tmp_path):
    answers = {PPSE: bytes.fromhex("6A82"), VISA: bytes.fromhex("6F009000")}
    path = tmp_path / "trace.json"
    with recorded(LoopLink(bytes.fromhex("3B80800101"), answers.__getitem__), path, "loop:") as link:
        link.wait(True, 0)
        link.power_on()
        link.transmit(PPSE)
        link.power_off()
        link.power_on()
        link.transmit(VISA)
    replayed = drivers.open(f"replay:{path}")
    assert isinstance(replayed, drivers.CardLink)
    assert replayed.wait(True, 0)
    assert not replayed.wait(False, 0)
    assert replayed.power_on() == bytes.fromhex("3B80800101")
    assert replayed.transmit(PPSE) == answers[PPSE]
    replayed.power_off()
    with pytest.raises(drivers.CardAbsent):
        replayed.transmit(VISA)
    replayed.power_on()
    assert replayed.transmit(VISA) == answers[VISA]
    assert replayed.finished
    replayed.close()


def test_a_deviation_names_file_line_byte_and_meaning(tmp_path):
    url = written(tmp_path, ON, ASK, TELL)
    link = drivers.open(url)
    link.power_on()
    with pytest.raises(drivers.TraceError) as refusal:
        link.transmit(PPSE[:-2])
    assert str(refusal.value) == (
        f"{url[7:]}, line 3: the command differs from byte 18 on.\n"
        "  expected 00A404000E325041592E5359532E444446303100  SELECT 2PAY.SYS.DDF01\n"
        "  got      00A404000E325041592E5359532E44444630  SELECT 2PAY.SYS.DDF0\n"
        "                                               ^^"
    )
    with pytest.raises(drivers.TraceError, match="differs from byte 0 on"):
        link.transmit(b"\xff" + PPSE[1:])
    assert link.transmit(PPSE) == b"\x6a\x82", "the place is kept"


def test_what_happened_to_the_link_is_not_replayed(tmp_path):
    failed = ("!", "error", "")
    url = written(
        tmp_path,
        ("!", "inserted", ""),
        failed,
        ON,
        ASK,
        failed,
        (">", "power_off", ""),
        ("!", "removed", ""),
        ON,
        ASK,
        TELL,
        ASK,
    )
    link = drivers.open(url)
    link.power_on()
    link.power_on()
    assert link.transmit(PPSE) == b"\x6a\x82"
    assert link.finished, "the last command had no answer: the recording was cut there"


def test_a_masked_recording_is_refused(tmp_path):
    path = tmp_path / "trace.json"
    secret = bytes.fromhex("700A5A0845391488034364679000")
    with recorded(LoopLink(b"\x3b\x00", lambda _: secret), path, "loop:") as link:
        link.power_on()
        link.transmit(bytes.fromhex("00B2010C00"))
    with pytest.raises(drivers.TraceError) as refusal:
        drivers.open(f"replay:{path}")
    assert "something is masked in it, first in line 4" in str(refusal.value)
    assert "test card" in refusal.value.hint


@pytest.mark.parametrize(
    ("frames", "words"),
    [
        ([], "holds no exchange"),
        ([ASK, TELL], "line 2: the card was never powered on"),
        ([ON, TELL], "line 3: a command and its response do not follow"),
        ([ON, ASK, ASK], "line 4: a command and its response do not follow"),
        ([ON, ASK, ON], "line 4: a command and its response do not follow"),
        ([(">", "atr", "3B00")], "line 2: this atr has no direction"),
        ([ON, ("!", "apdu", "00A40400")], "line 3: this apdu has no direction"),
        ([("<", "atr", "3B")], "line 2: an ATR has 2 bytes or more"),
        ([ON, (">", "apdu", "00A404")], "line 3: a command has 4 bytes or more"),
        ([ON, ASK, ("<", "apdu", "90")], "line 4: a response has 2 bytes or more"),
        ([ON, ("<", "swipe", "")], "line 3: a card cannot be swiped in a slot"),
    ],
)
def test_a_recording_that_is_none_of_a_card(tmp_path, frames, words):
    with pytest.raises(drivers.TraceError, match=words):
        drivers.open(written(tmp_path, *frames))


def test_swipes_one_after_the_other(tmp_path):
    track = b"4242424242424242=3012"
    nothing = ("<", "swipe", "")
    url = written(
        tmp_path,
        *(nothing, ("<", "swipe", track.hex()), nothing),
        *((">", "swipe", "41"), ("!", "error", "")),
        *(nothing, nothing, ("<", "swipe", "", "no track was read")),
        kind="swipe",
    )
    link = drivers.open(url)
    assert isinstance(link, drivers.SwipeLink)
    assert link.read(0) == drivers.Swipe((None, track, None))
    assert not link.finished
    assert link.read(0) == drivers.Swipe(method="raw", problem="no track was read")
    assert link.finished
    assert link.read(60) is None, "at once"
    link.close()
    with drivers.open(url) as again:
        assert again.read(0) is not None
    assert again.read(0) is None, "closed"


@pytest.mark.parametrize(
    ("frames", "words"),
    [
        ([("<", "swipe", "")] * 4, "a swipe has three tracks"),
        ([ON], "line 2: a reader of stripes has no atr"),
        ([("<", "swipe", "4*")] * 3, "something is masked in it, first in line 2"),
    ],
)
def test_a_recording_that_is_none_of_a_reader_of_stripes(tmp_path, frames, words):
    with pytest.raises(drivers.TraceError, match=words):
        drivers.open(written(tmp_path, *frames, kind="swipe"))
