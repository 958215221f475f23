"""Swipe readers that stall, babble, vanish and send rubbish: typed errors, in bounded time, and usable again."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

import fuzz_swipes
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from swipe_bench import QUICK, TRACKS, Line, SpoiltMsr605, SpoiltReader, on_a_line

from countertop_drivers import DeviceGone, DeviceRefused, DeviceTimeout, DriverError, ProtocolError, Swipe
from countertop_drivers.link import NO_TRACKS, Tracks
from countertop_drivers.msr605 import commands as c
from countertop_drivers.msr605 import frames
from countertop_drivers.msr605.driver import Msr605Link, open_url
from countertop_drivers.serial_port import SerialPort
from countertop_drivers.swipe_hid import driver as hid
from countertop_drivers.track_bits import decode
from countertop_drivers.virtual.hid_swipe import REPORT_IN
from countertop_drivers.virtual.msr605 import VirtualMsr605
from countertop_drivers.virtual.serial_ends import PtyEnd
from countertop_drivers.virtual.stripe_card import StripeCard
from countertop_drivers.virtual.usb_backend import virtual_backend

IMPATIENT = hid.Limits(answer_s=0.1, rest_s=0.02, quiet_s=0.002, longest_s=0.05)
#: No single command on the line in memory may take longer, in its own seconds.
LONGEST_S = 5.0
PARSERS: tuple[Callable[[bytes], frames.Block | None], ...] = (
    frames.iso_block,
    frames.raw_block,
    lambda data: frames.iso_block(data, with_status=False),
    lambda data: frames.raw_block(data, with_status=False),
)
LONGEST = (frames.LONGEST_ISO, frames.LONGEST_RAW) * 2
BLOCK = bytes.fromhex("1B731B012530313F1B023B32333F1B033B34353F3F1C1B30")


@st.composite
def spoilt_frames(draw: st.DrawFn, sound: bytes = BLOCK) -> bytes:
    """A frame that was cut, doubled, flipped, lengthened, or that is rubbish."""
    match draw(st.integers(0, 4)):
        case 0:
            return sound[: draw(st.integers(0, len(sound)))]
        case 1:
            return sound * draw(st.integers(2, 4))
        case 2:
            at, bit = draw(st.integers(0, len(sound) - 1)), draw(st.integers(0, 7))
            return sound[:at] + bytes((sound[at] ^ 1 << bit,)) + sound[at + 1 :]
        case 3:
            at = draw(st.integers(0, len(sound)))
            return sound[:at] + draw(st.binary(max_size=700)) + sound[at:]
    return draw(st.binary(max_size=1000))


@given(spoilt_frames(), st.integers(0, 3))
def test_parsers_decide_and_stay_decided(data: bytes, which: int) -> None:
    parse = PARSERS[which]
    for size in range(min(len(data), LONGEST[which] + 8) + 1):
        try:
            block = parse(data[:size])
        except ProtocolError:
            with pytest.raises(ProtocolError):
                parse(data[: size + 1])
            return
        if block is not None:
            assert block.size <= size
            assert parse(data) == block, "what follows changes nothing"
            return
        assert size < LONGEST[which], "not even a device that babbles is listened to for ever"


def test_blocks_without_an_end() -> None:
    endless = frames.START + b"\x1b\x01" + b"1" * 1000
    assert frames.iso_block(endless[: frames.LONGEST_ISO - 1]) is None
    with pytest.raises(ProtocolError, match="no end of a block"):
        frames.iso_block(endless[: frames.LONGEST_ISO])
    with pytest.raises(ProtocolError, match="not three tracks"):
        frames.iso_block(endless + frames.END + b"\x1b\x30")
    longest = frames.raw_bits((bytes(255), bytes(255), bytes(255))) + b"\x1b\x30"
    assert len(longest) == frames.LONGEST_RAW
    block = frames.raw_block(longest)
    assert block is not None
    assert block.size == frames.LONGEST_RAW


def test_a_card_that_comes_at_the_last_moment() -> None:
    device = SpoiltMsr605()
    link, line = on_a_line(device)
    assert link.read(0) is None

    def in_two(sent: bytes) -> list[bytes]:
        line.later = sent[20:]
        return [sent[:20]]

    device.spoil = in_two
    device.swipe(TRACKS)
    swipe = link.read(0)
    assert swipe is not None
    assert swipe.tracks == TRACKS, "what has begun is waited for, though the time is over"


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_an_msr605_that_sends_rubbish(data: st.DataObject) -> None:
    device = SpoiltMsr605()
    link, line = on_a_line(device)
    raw = data.draw(st.booleans())
    read = link.read_raw if raw else link.read
    card = StripeCard(TRACKS)
    assert read(0) is None
    device.spoil = lambda sent: [data.draw(spoilt_frames(sent))]
    device.swipe(card)
    begun = line.now
    with contextlib.suppress(DriverError):
        swipe = read(1)
        assert swipe is None or isinstance(swipe, Swipe)
    assert line.now - begun < LONGEST_S
    device.spoil = None
    link.reset()
    assert read(0) is None
    device.swipe(card)
    swipe = read(1)
    assert swipe is not None
    assert swipe.tracks == TRACKS


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_command_is_stuck_after_rubbish(data: st.DataObject) -> None:
    device = SpoiltMsr605()
    link, line = on_a_line(device)
    commands: list[Callable[[], object]] = [
        link.coercivity,
        link.leading_zeros,
        link.firmware,
        link.model,
        link.test_line,
        link.test_memory,
        lambda: link.set_coercivity(True),
        lambda: link.set_bits_per_character((7, 5, 7)),
        lambda: link.write((None, b"1", None), 0.1),
    ]
    for command in data.draw(st.lists(st.sampled_from(commands), min_size=1, max_size=4)):
        device.spoil = lambda sent: [data.draw(spoilt_frames(sent))]
        begun = line.now
        with contextlib.suppress(DriverError):
            command()
        assert line.now - begun < LONGEST_S
    device.spoil = None
    link.set_coercivity(False)
    assert link.coercivity() is False
    assert link.model() == "3"


@given(st.lists(st.binary(max_size=300), max_size=6))
def test_the_virtual_msr605_takes_anything_from_a_host(pieces: list[bytes]) -> None:
    device = VirtualMsr605()
    line = Line(device)
    for piece in pieces:
        line.write(piece)
        assert len(device._came) < 1500
    link = Msr605Link(SerialPort(line, "memory", line.clock), QUICK, line.clock)
    line.write(bytes(800))  # rubbish may have begun a block of raw bits, which swallows what comes
    with contextlib.suppress(DriverError):
        link.reset()
    link.reset()
    link.test_line()


def test_the_virtual_msr605_is_deaf_while_it_waits() -> None:
    device = VirtualMsr605()
    line = Line(device)
    line.write(c.READ_ISO + c.GET_MODEL)
    line.write(c.GET_COERCIVITY)
    assert device.waits
    assert line.in_waiting == 0
    for byte in c.RESET:
        line.write(bytes((byte,)))
    assert not device.waits
    line.write(c.GET_COERCIVITY)
    assert line.read(9) == c.LOW


def test_an_msr605_that_stops_in_the_middle() -> None:
    device = SpoiltMsr605()
    link, line = on_a_line(device)
    assert link.read(0) is None
    device.spoil = lambda sent: [sent[:20]]
    device.swipe(TRACKS)
    begun = line.now
    with pytest.raises(DeviceTimeout, match="stopped after 20 bytes"):
        link.read(1000)
    assert line.now - begun < LONGEST_S, "what has begun is not waited for as long as a card"
    device.spoil = None
    assert link.read(0) is None, "it is reset without being asked to"
    device.swipe(TRACKS)
    swipe = link.read(1)
    assert swipe is not None
    assert swipe.tracks == TRACKS


def test_an_msr605_that_is_silent() -> None:
    device = SpoiltMsr605()
    link, line = on_a_line(device)
    device.spoil = lambda sent: []
    for _ in range(2):
        begun = line.now
        with pytest.raises(DeviceTimeout, match="does not answer as an MSR605") as refusal:
            link.model()
        assert "baud" in refusal.value.hint
        assert line.now - begun < LONGEST_S
    device.spoil = None
    assert link.model() == "3"


def test_an_msr605_that_babbles() -> None:
    device = VirtualMsr605()
    link, line = on_a_line(device)
    line.babble = b"\x1b\x73"
    for command in (link.model, link.reset, lambda: link.read(1)):
        with pytest.raises(ProtocolError, match="does not stop talking"):
            command()
    line.babble = b""
    assert link.model() == "3"


@pytest.mark.parametrize(("answer", "code"), [("1B34", 0x34), ("1B32", 0x32)])
def test_an_msr605_that_refuses(answer: str, code: int) -> None:
    device = SpoiltMsr605()
    link, _ = on_a_line(device)
    assert link.read(0) is None
    device.spoil = lambda sent: [bytes.fromhex(answer)]
    device.swipe(TRACKS)
    with pytest.raises(DeviceRefused) as refusal:
        link.read(1)
    assert refusal.value.code == code
    with pytest.raises(DeviceRefused):
        link.set_coercivity(True)
    device.spoil = lambda sent: [b"\x1b\x41"]
    assert link.test_memory() is False
    with pytest.raises(DeviceRefused, match="it failed"):
        link.set_bits_per_character((7, 5, 7))


def test_a_write_that_is_interrupted_does_not_reach_the_next_card(monkeypatch: pytest.MonkeyPatch) -> None:
    device = VirtualMsr605()
    link, line = on_a_line(device)

    def interrupted(size: int) -> bytes:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(line, "read", interrupted)
        link.write((None, b"1", None))
    assert device.waits
    link.close()
    assert not device.waits


def test_an_msr605_that_vanishes() -> None:
    device = SpoiltMsr605()
    with PtyEnd(device) as end, open_url(f"serial:{end.path}", limits=QUICK) as link:
        assert link.read(0) is None
        assert device.swipe(TRACKS)
        device.spoil = lambda sent: [sent[:20]]
        end.close()
        begun = time.monotonic()
        with pytest.raises(DeviceGone):
            for _ in range(3):
                link.read(5)
        with pytest.raises(DeviceGone):
            link.reset()
        assert time.monotonic() - begun < 2
    with PtyEnd(VirtualMsr605()) as end, open_url(f"serial:{end.path}", limits=QUICK) as link:
        assert link.model() == "3", "plugged in again"


def test_something_else_at_the_port() -> None:
    class Echo:
        def connect(self, send: Callable[[bytes], None]) -> None:
            self.receive = send

    with PtyEnd(Echo()) as end, pytest.raises(ProtocolError, match=r"no answer \(1B 65\)"):
        open_url(f"serial:{end.path}", limits=QUICK)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_hid_reader_that_sends_rubbish(data: st.DataObject) -> None:
    reader = SpoiltReader()
    with hid.open_url("hid", backend=virtual_backend(reader), limits=IMPATIENT) as link:
        reader.spoil = lambda sent: [data.draw(spoilt_frames(sent))]
        reader.swipe(TRACKS)
        with contextlib.suppress(DriverError):
            while link.read(0) is not None:
                pass
        reader.spoil = None
        link.reset()
        reader.swipe(TRACKS)
        swipe = link.read(1)
        assert swipe is not None
        assert swipe.tracks == TRACKS


@pytest.mark.parametrize(
    ("cut", "error", "problem"),
    [
        (100, ProtocolError, "sent 100 bytes where a report has 337"),
        (104, DeviceTimeout, "stopped after 104 of 337 bytes"),
        (336, DeviceTimeout, "stopped after 336 of 337 bytes"),
        (340, ProtocolError, "sent 340 bytes where a report has 337"),
        (400, ProtocolError, "where a report has 337"),
    ],
)
def test_hid_reports_of_wrong_lengths(cut: int, error: type[DriverError], problem: str) -> None:
    reader = SpoiltReader()
    with hid.open_url("hid", backend=virtual_backend(reader), limits=IMPATIENT) as link:
        reader.spoil = lambda sent: [(sent + bytes(100))[:cut]]
        reader.swipe(TRACKS)
        begun = time.monotonic()
        with pytest.raises(error, match=problem):
            link.read(20)
        assert time.monotonic() - begun < 5, "what has begun is not waited for as long as a card"
        reader.spoil = None
        assert link.read(0) is None, "what is left of it is left out"
        reader.swipe(TRACKS)
        swipe = link.read(1)
        assert swipe is not None
        assert swipe.tracks == TRACKS


def test_a_hid_reader_that_stalls_its_endpoint() -> None:
    reader = SpoiltReader()
    with hid.open_url("hid", backend=virtual_backend(reader), limits=IMPATIENT) as link:
        for _ in range(2):
            reader.halt(REPORT_IN)
            with pytest.raises(DeviceRefused) as refusal:
                link.read(1)
            assert refusal.value.name == "STALL"
            # The stall was cleared with it: the next card is read without a reset.
            assert link.read(0.05) is None
            reader.swipe(TRACKS)
            assert link.read(1) is not None


def test_a_hid_reader_that_babbles(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = SpoiltReader()
    with hid.open_url("hid", backend=virtual_backend(reader), limits=IMPATIENT) as link:
        with monkeypatch.context() as patch:
            patch.setattr(reader, "take", lambda endpoint, size: bytes(size))
            for _ in range(3):
                with pytest.raises(ProtocolError):
                    link.read(1)
            patch.setattr(reader, "take", lambda endpoint, size: b"")
            begun = time.monotonic()
            with pytest.raises(ProtocolError, match="does not stop talking"):
                link.read(1)
            assert time.monotonic() - begun < 1
        link.reset()
        assert link.read(0) is None


def test_a_hid_reader_that_says_nothing_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = SpoiltReader()
    with hid.open_url("hid", backend=virtual_backend(reader), limits=IMPATIENT) as link:
        monkeypatch.setattr(reader, "take", lambda endpoint, size: b"")
        assert link.read(0.01) is None


def test_a_hid_reader_that_vanishes() -> None:
    reader = SpoiltReader()
    backend = virtual_backend(reader)
    with hid.open_url("hid", backend=backend, limits=IMPATIENT) as link:
        reader.swipe(TRACKS)
        reader.unplug()
        for _ in range(2):
            with pytest.raises(DeviceGone):
                link.read(5)
        reader.plug()
        with pytest.raises(DeviceGone):
            link.reset()
    with hid.open_url("hid", backend=backend, limits=IMPATIENT) as link:
        reader.swipe(TRACKS)
        assert link.read(1) is not None, "plugged in again, opened again"


def test_a_card_pulled_backwards_is_read_raw() -> None:
    device = VirtualMsr605()
    link, _ = on_a_line(device)
    card = StripeCard(TRACKS)
    first, second, third = (None if raw is None else _backwards(raw) for raw in card.raw)
    backwards: Tracks = (first, second, third)
    card.raw = backwards
    assert link.read_raw(0) is None
    device.swipe(card)
    swipe = link.read_raw(1)
    assert swipe is not None
    assert (swipe.raw, swipe.tracks) == (backwards, TRACKS)
    assert decode(backwards[1] or b"", 2) == TRACKS[1]


def test_a_blank_card() -> None:
    device = VirtualMsr605()
    link, _ = on_a_line(device)
    for read in (link.read, link.read_raw):
        assert read(0) is None
        device.swipe(NO_TRACKS)
        swipe = read(1)
        assert swipe is not None
        assert swipe.tracks == NO_TRACKS


def test_a_short_run_of_the_fuzzer(capsys: pytest.CaptureFixture[str]) -> None:
    fuzz_swipes.main(2000, 7)
    assert capsys.readouterr().out.startswith("2000 frames, seed 7: ")


def _backwards(raw: bytes) -> bytes:
    return bytes(int(f"{one:08b}"[::-1], 2) for one in reversed(raw))
