"""Recordings: what is written while a link is used, what is read, and what is refused."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from fuzz_recordings import main as fuzz
from hypothesis import given, settings
from hypothesis import strategies as st
from usb_bench import T0_ATR, card

import countertop_drivers as drivers
from countertop_drivers.link import CardLink, Closing, Swipe, SwipeLink, Tracks, TrackWriter
from countertop_drivers.loop import LoopLink
from countertop_drivers.recording import parse, read, recorded, render

PPSE = bytes.fromhex("00A404000E325041592E5359532E444446303100")
NUMBER = bytes.fromhex("70 0A 5A 08 4539148803436467 9000")
TEST_NUMBER = bytes.fromhex("70 0A 5A 08 4242424242424242 9000")


def ticking(step: float = 0.001) -> Callable[[], float]:
    """A clock that goes on by a millisecond each time somebody looks."""
    ticks: Iterator[int] = count()
    return lambda: next(ticks) * step


def noon() -> datetime:
    return datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "trace.json"


def lines(path: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


class Stripes(Closing):
    """A reader through which somebody pulls these, one after the other."""

    def __init__(self, *passes: Swipe | OSError | None) -> None:
        self._passes = list(passes)
        self.closed = 0

    def read(self, timeout_s: float) -> Swipe | None:
        told = self._passes.pop(0)
        if isinstance(told, OSError):
            raise told
        return told

    def firmware(self) -> str:
        return "1.0"

    def close(self) -> None:
        self.closed += 1


class Writer(Stripes):
    """The same, which also writes."""

    def write(self, tracks: Tracks, timeout_s: float = 30.0) -> None:
        self.written = tracks

    def erase(self, which: tuple[bool, bool, bool], timeout_s: float = 30.0) -> None:
        raise drivers.DeviceTimeout("No card passed.")

    def set_coercivity(self, high: bool) -> None:
        self.high = high


def test_a_card_line_by_line(path):
    with recorded(card(), path, "loop:3B00", clock=ticking(), now=noon) as link:
        assert lines(path) == [
            {
                "countertop_trace": 1,
                "url": "loop:3B00",
                "kind": "card",
                "began": "2026-11-23T12:00:00+00:00",
                "masked": True,
            }
        ], "the head stands there before anything crosses"
        assert link.wait(True, 1)
        assert not link.wait(False, 0)
        assert link.power_on() == T0_ATR
        assert link.transmit(PPSE)[-2:] == b"\x90\x00"
        assert len(lines(path)) == 5, "every frame stands there as soon as it has crossed"
        link.power_off()
    assert [(line["us"], line["dir"], line["kind"], line["means"]) for line in lines(path)[1:]] == [
        (1000, "!", "inserted", "a card is there"),
        (2000, "<", "atr", "answer to reset"),
        (3000, ">", "apdu", "SELECT 2PAY.SYS.DDF01"),
        (4000, "<", "apdu", "1024 bytes, done"),
        (5000, ">", "power_off", "power off"),
    ]
    assert lines(path)[3]["hex"] == PPSE.hex().upper()
    assert path.stat().st_mode & 0o777 == 0o600, "nobody else may read it"


def test_a_recorded_link_is_what_it_was(path):
    slot = recorded(card(), path, "loop:")
    assert isinstance(slot, CardLink)
    assert not isinstance(slot, SwipeLink | TrackWriter)
    slot.take_away()  # what a link can do besides
    assert slot.present is False
    with pytest.raises(AttributeError, match="uid"):
        _ = slot.uid
    slot.close()
    slot.close()
    stripes = recorded(Stripes(), path, "swipe:hid")
    assert isinstance(stripes, SwipeLink)
    assert not isinstance(stripes, CardLink | TrackWriter)
    assert stripes.firmware() == "1.0"
    stripes.close()
    writer = recorded(Writer(), path, "msr605:serial:x")
    assert isinstance(writer, TrackWriter)
    assert isinstance(writer, SwipeLink)
    writer.close()


def test_secrets_are_masked(path):
    answers = iter([NUMBER, TEST_NUMBER])
    link = recorded(LoopLink(T0_ATR, lambda _: next(answers)), path, "loop:")
    link.power_on()
    link.transmit(bytes.fromhex("0020008008241234FFFFFFFFFF"))
    link.transmit(bytes.fromhex("00B2010C00"))
    link.close()
    assert [line["hex"] for line in lines(path)[2:]] == [
        "0020008008****************",
        "700A5A08453914******64679000",
        "00B2010C00",
        "700A5A0842424242424242429000",
    ]
    assert read(path).masked
    assert read(path).hidden.line == 3


def test_what_is_hidden_does_not_stand_in_its_meaning(path):
    with recorded(card(), path, "loop:") as link:
        link.power_on()
        link.transmit(bytes.fromhex("00A4040008453914880343646700"))
    assert "4539148803436467" not in path.read_text()
    assert lines(path)[2]["means"] == "SELECT"


def test_every_number_is_masked_on_demand(path):
    with recorded(LoopLink(T0_ATR, lambda _: TEST_NUMBER), path, "loop:", mask_all=True) as link:
        link.power_on()
        link.transmit(bytes.fromhex("00B2010C00"))
    assert lines(path)[3]["hex"] == "700A5A08424242******42429000"


def test_what_goes_wrong_is_written_down_without_numbers(path):
    def mute(apdu: bytes) -> bytes:
        raise drivers.CardMute("Silence after 4539148803436467.\nAnd more.", "Again.")

    link = recorded(LoopLink(T0_ATR, mute), path, "loop:")
    link.power_on()
    with pytest.raises(drivers.CardMute):
        link.transmit(PPSE)
    link.take_away()
    with pytest.raises(drivers.CardAbsent):
        link.power_on()
    link.close()
    errors = [line["means"] for line in lines(path) if line["kind"] == "error"]
    assert errors == ["CardMute: Silence after 453914******6467.", "CardAbsent: There is no card."]


def test_stripes_pass_by_pass(path):
    good = Swipe((b"B4242424242424242^DOE/JANE^30122011", b"4539148803436467=30122011", None))
    bad = Swipe((None, b"4242424242424242=3012", None), "raw", problem="track 1: wrong LRC")
    gone = drivers.DeviceGone("The reader is gone.")
    link = recorded(Stripes(good, None, bad, gone), path, "swipe:hid", clock=ticking())
    assert link.read(1) is good
    assert link.read(1) is None
    assert link.read(1) is bad
    with pytest.raises(drivers.DeviceGone):
        link.read(1)
    link.close()
    assert link.link.closed == 1
    rows = [(line["means"], line["hex"], line.get("method"), line.get("problem")) for line in lines(path)[1:]]
    assert rows[0] == ("track 1", good.tracks[0].hex().upper(), None, None)
    assert rows[1][0] == "track 2"
    assert bytes.fromhex(rows[1][1].replace("*", "F")).startswith(b"453914\xff\xff\xff\xff\xff\xff6467=3012")
    assert rows[2:] == [
        ("track 3: nothing", "", "iso", None),
        ("track 1: nothing", "", None, None),
        ("track 2", b"4242424242424242=3012".hex().upper(), None, None),
        ("track 3: nothing", "", "raw", "track 1: wrong LRC"),
        ("DeviceGone: The reader is gone.", "", None, None),
    ]


def test_writing_a_card(path):
    link = recorded(Writer(), path, "msr605:serial:x")
    link.write((None, b"4539148803436467=3012", None))
    link.set_coercivity(True)
    with pytest.raises(drivers.DeviceTimeout):
        link.erase((True, False, True))
    assert link.link.written[1] == b"4539148803436467=3012"
    assert link.link.high is True
    link.close()
    assert [(line["dir"], line["means"]) for line in lines(path)[1:]] == [
        (">", "write track 2"),
        (">", "erase track 1, 3"),
        ("!", "DeviceTimeout: No card passed."),
    ]
    assert b"4539148803436467".hex() not in path.read_text().lower()


def test_a_file_that_cannot_be_written(tmp_path):
    for place, problem in ((tmp_path, "Is a directory"), (tmp_path / "none" / "x", "No such file"), ("a\0b", "null")):
        with pytest.raises(drivers.DriverError, match=problem):
            drivers.open("loop:3B00", record=place)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device that is always full")
def test_a_disk_that_is_full():
    with pytest.raises(drivers.DriverError, match="cannot be written"):
        drivers.open("loop:3B00", record="/dev/full")


def test_a_link_that_was_closed_goes_on_saying_so_itself(path):
    link = recorded(card(), path, "loop:")
    link.power_on()
    link.close()
    before = path.read_text()
    with pytest.raises(drivers.CardAbsent):
        link.transmit(PPSE)
    assert path.read_text() == before


def test_by_url(path):
    with drivers.open_card("loop:3B00", record=path) as link:
        link.power_on()
        assert link.transmit(PPSE) == b"\x6d\x00"
    assert [line.get("means") for line in lines(path)] == [
        None,
        "answer to reset",
        "SELECT 2PAY.SYS.DDF01",
        "instruction unknown",
    ]


HEAD = '{"countertop_trace": 1, "url": "x", "kind": "card", "began": "", "masked": true}\n'
FRAME = '{"us": 5, "dir": "<", "kind": "atr", "hex": "3B00"}\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("{}", "line 1: this is no recording of version 1.$|Newer"),
        ('{"countertop_trace": 2}', "line 1: this is no recording of version 1, but of version 2"),
        ('{"countertop_trace": true}', "but of version True"),
        ('{"countertop_trace": 1}', "line 1: it has no kind"),
        ('{"countertop_trace": 1, "kind": "fax"}', "line 1: kind 'fax' is none of card, swipe"),
        ('{"countertop_trace": 1, "kind": "card"}', "line 1: it has no masked"),
        (HEAD + "nonsense", "line 2: it is no JSON"),
        (HEAD + "[" * 100_000, "line 2: it is no JSON"),
        (HEAD + "[]", "line 2: it is no JSON object"),
        (HEAD + "\n\n{}", "line 4: it has no us"),
        (HEAD + FRAME.replace("5", "-5"), "line 2: us is no number of microseconds"),
        (HEAD + FRAME.replace("5", "true"), "line 2: us is no number of microseconds"),
        (HEAD + FRAME.replace("5", "1" + "0" * 400), "line 2: us is no number of microseconds"),
        (HEAD + FRAME.replace("5", "1.5"), "line 2: it has no us"),
        (HEAD + FRAME.replace("<", "?"), r"line 2: dir '\?' is none of > < !"),
        (HEAD + FRAME.replace("atr", "fax"), "line 2: kind 'fax' is none of atr,"),
        (HEAD + FRAME.replace("3B00", "3B0"), "line 2: hex is not hexadecimal"),
        (HEAD + FRAME.replace("3B00", "3B 00"), "line 2: hex is not hexadecimal"),
        (HEAD + FRAME + FRAME.replace("5", "4"), "line 3: time runs backwards there"),
        (HEAD + " " * 300_001 + "x", "line 2: it has 300002 characters"),
    ],
)
def test_a_malformed_recording_names_its_line(text, words):
    with pytest.raises(drivers.TraceError, match=words):
        parse(text)


def test_members_that_nobody_knows_are_passed_over():
    found = parse(HEAD.replace('"x"', '"x", "new": [1]') + FRAME.replace('"us"', '"colour": {}, "us"'))
    assert (found.url, found.frames[0].data, found.frames[0].line) == ("x", b"\x3b\x00", 2)


@settings(max_examples=300, deadline=None)
@given(
    st.text(max_size=60),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
        lambda inner: st.dictionaries(st.sampled_from(["us", "dir", "kind", "hex", "means", "problem"]), inner),
        max_leaves=8,
    ),
)
def test_whatever_a_file_holds_it_is_read_or_refused(text, value):
    for content in (text, HEAD + text, HEAD + json.dumps(value), HEAD + FRAME + json.dumps(value)):
        try:
            found = parse(content)
        except drivers.TraceError:
            continue
        assert all(len(line) < 10_000 for line in render(found))


def test_as_text(path):
    with recorded(
        LoopLink(T0_ATR, lambda _: bytes(60) + NUMBER), path, "loop:3B", clock=ticking(0.05), now=noon
    ) as link:
        link.power_on()
        link.transmit(PPSE)
        link.power_off()
    assert list(render(path)) == list(render(read(path)))
    assert list(render(path)) == [
        "loop:3B  card  2026-11-23T12:00:00+00:00",
        "    50.000 ms < answer to reset",
        "              3B6500002063CB6800",
        "   100.000 ms > SELECT 2PAY.SYS.DDF01",
        "              00A404000E325041592E5359532E444446303100",
        "   150.000 ms < 72 bytes, done",
        "              " + "0" * 86,
        "              " + "0" * 34 + "700A5A08453914******64679000",
        "   200.000 ms > power off",
    ]


def test_pauses_and_problems_as_text():
    track = '{"us": 5, "dir": "<", "kind": "swipe", "hex": "", "means": "track 3", "problem": "wrong LRC"}\n'
    late = FRAME.replace("5", "250005")
    shown = list(render(parse(HEAD + track + late)))
    assert shown[1] == "     0.005 ms < track 3 (wrong LRC)"
    assert shown[2] == "   250.005 ms < atr   (+250.0 ms)"
    assert list(render(parse(HEAD)))[1] == "Nothing crossed the cable."


def test_a_file_from_anywhere_moves_no_cursor():
    frame = json.dumps({"us": 0, "dir": "<", "kind": "atr", "hex": "", "means": "\x1b[2J\x07\ud800done\n"})
    shown = list(render(parse(HEAD.replace('"x"', '"\\u001b]0;x"') + frame)))
    assert shown == ["?]0;x  card", "     0.000 ms < ?[2J??done?"]


def test_the_older_format_as_text(tmp_path):
    old = tmp_path / "old.apdu"
    old.write_text("# two\natr 3B00\n> 00A4040000\n< 6A82\n")
    assert list(render(old))[1:] == [
        "     0.000 ms < answer to reset",
        "              3B00",
        "     0.000 ms > SELECT",
        "              00A4040000",
        "     0.000 ms < file or application not found",
        "              6A82",
    ]


def test_many_damaged_frames_and_lines():
    fuzz(4000, 3)
