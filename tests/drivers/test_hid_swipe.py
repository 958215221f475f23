"""USB HID swipe readers: layouts, report descriptors, and the driver over pyusb (card-hardware.md D.3)."""

from __future__ import annotations

import contextlib
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countertop_drivers import (
    BadAddress,
    DeviceGone,
    DriverUnavailable,
    ProtocolError,
    SwipeLink,
    TrackWriter,
)
from countertop_drivers import open as open_link
from countertop_drivers.link import NO_TRACKS, Tracks
from countertop_drivers.swipe_hid.descriptor import InputReport, input_report
from countertop_drivers.swipe_hid.driver import HidSwipeLink, Limits, discover, open_url
from countertop_drivers.swipe_hid.reports import ID_TECH, parse
from countertop_drivers.virtual.ccid import VirtualCcid
from countertop_drivers.virtual.hid_swipe import KEY_SERIAL, PACKET, REPORT_IN, SERIAL, VirtualSwipeReader, masked
from countertop_drivers.virtual.stripe_card import StripeCard
from countertop_drivers.virtual.usb_backend import virtual_backend
from countertop_drivers.virtual.usb_device import UsbStall

TRACKS: Tracks = (b"B4111111111111111^DOE/JANE^30122011234", b"4111111111111111=30122011234", b"0112345=1")
QUICK = Limits(answer_s=0.2, rest_s=0.1, quiet_s=0.01, longest_s=0.1)


def link_to(device: VirtualSwipeReader, details: str = "hid") -> HidSwipeLink:
    return open_url(details, backend=virtual_backend(device), limits=QUICK)


def plain(errors: bytes, texts: tuple[bytes, bytes, bytes], encoding: int = 0) -> bytes:
    """A report by the offsets of D.3, written down once more."""
    report = bytearray(b"\xee" * 337)
    report[0:3] = errors
    report[3:6] = bytes(map(len, texts))
    report[6] = encoding
    for at, text in zip((7, 117, 227), texts, strict=True):
        report[at : at + len(text)] = text
    return bytes(report)


def test_the_layout_of_337_bytes() -> None:
    report = parse(plain(b"\0\0\0", (b"%B4^A^3012?", b";4=3012?", b"")))
    assert report.tracks == (b"%B4^A^3012?", b";4=3012?", None)
    assert report.swipe().tracks == (b"B4^A^3012", b"4=3012", None)
    assert (report.swipe().method, report.swipe().problem) == ("iso", "")
    assert report.encoding_words() == "ISO/ABA"


def test_decode_errors() -> None:
    swipe = parse(plain(b"\1\0\1", (b"%B4", b";4=3012?", b""))).swipe()
    assert swipe.tracks == (None, b"4=3012", None)
    assert swipe.problem == "Track 1 could not be read. Track 3 could not be read."
    swipe = parse(plain(b"\0\0\0", (b"%B4", b";4=30A2?", b""))).swipe()
    assert swipe.tracks == NO_TRACKS
    assert swipe.problem.startswith("Track 1 has no end sentinel. Track 2: character 6")
    assert parse(plain(b"\0\0\0", (b"", b"", b""), 3)).swipe().problem == "There was nothing on the card."


def test_what_the_reader_took_the_card_for() -> None:
    kinds = [parse(plain(b"\0\0\0", (b"", b"", b""), kind)) for kind in (1, 3, 4, 7, 8)]
    assert [one.encoding_words() for one in kinds] == ["AAMVA", "blank", "other", "JIS II", "unknown (8)"]
    assert [one.encoding_words(ID_TECH) for one in kinds[:3]] == ["AAMVA", "other", "raw"]


def test_tracks_beyond_their_room() -> None:
    whole = bytearray(plain(b"\0\0\0", (b"", b"", b"")))
    whole[4] = 111
    with pytest.raises(ProtocolError, match="room for 110 characters of track 2, not for 111"):
        parse(bytes(whole))
    for size in (0, 1, 336, 338, 508, 843):
        with pytest.raises(ProtocolError, match="no report"):
            parse(bytes(size))


def test_id_techs_own_mode() -> None:
    texts = b"%B4^A^3012?", b";4=3012?"
    report = bytes((0, 0, 0, len(texts[0]), len(texts[1]), 0, 0)) + (19).to_bytes(2, "little") + b"".join(texts)
    assert parse(report.ljust(509, b"\0")).swipe().tracks == (b"B4^A^3012", b"4=3012", None)
    with pytest.raises(ProtocolError, match="19 characters of tracks in 18 bytes"):
        parse((report[:7] + (18).to_bytes(2, "little") + report[9:]).ljust(509, b"\0"))


def test_encrypting_readers_give_masked_tracks() -> None:
    reader = VirtualSwipeReader(encrypting=True, garbage=0xEE)
    with link_to(reader) as link:
        reader.swipe(TRACKS)
        report = link.read_report(1)
        assert report is not None
        assert report.masked
        assert (report.serial, report.key_serial) == (SERIAL, KEY_SERIAL)
        reader.swipe(TRACKS)
        swipe = link.read(1)
    assert swipe is not None
    assert swipe.method == "masked"
    assert swipe.tracks[:2] == (b"B4111110000001111^DOE/JANE^30122010000", b"4111110000001111=30122010000")
    assert masked(b";4111111111111111=30122011234?") == b";4111110000001111=30122010000?"
    stars = bytearray(reader.report(StripeCard((None, b"41111=30", None))))
    stars[508 + 112 + 3 : 508 + 112 + 5] = b"**"
    assert parse(bytes(stars)).swipe().tracks == (None, b"41**1=30", None)
    stars[508 + 112] = 0x30
    assert parse(bytes(stars)).swipe().problem == "Track 2 has no sentinels."


def test_report_descriptors() -> None:
    assert input_report(VirtualSwipeReader().report_descriptor) == InputReport(337)
    assert input_report(VirtualSwipeReader(encrypting=True).report_descriptor) == InputReport(844)
    # A keyboard's (HID 1.11, appendix E.6): eight modifiers, a byte, LEDs out, six keys.
    keyboard = bytes.fromhex(
        "05010906A101050719E029E7150025017501950881029501750881019505750105081901290591029501750391019506750815002565"
        "0507190029658100C0"
    )
    assert input_report(keyboard) == InputReport(8)
    # Two numbered reports, the longer of 2 bytes; Push, Pop and a long item between.
    assert input_report(bytes.fromhex("85017508950181 02 8502A495028102B4FE01AABBC0")) == InputReport(2, True)
    for wrong in ("", "75", "9501 7508", "B4", "A4" * 17, "76FFFF96FFFF8102"):
        with pytest.raises(ProtocolError):
            input_report(bytes.fromhex(wrong))


@given(st.binary(max_size=200))
def test_any_descriptor_is_one_or_an_error(data: bytes) -> None:
    with contextlib.suppress(ProtocolError):
        assert 0 < input_report(data).size <= 4096


def test_swipes_come_one_by_one() -> None:
    reader = VirtualSwipeReader(garbage=0xEE)
    with link_to(reader) as link:
        assert isinstance(link, SwipeLink)
        assert not isinstance(link, TrackWriter)
        assert link.read(0) is None
        reader.swipe(TRACKS)
        reader.swipe((None, b"1", None))
        for tracks in (TRACKS, (None, b"1", None)):
            swipe = link.read(1)
            assert swipe is not None
            assert swipe.tracks == tracks
        assert link.read(0) is None
    link.close()
    with pytest.raises(DeviceGone, match="closed"):
        link.read(0)


def test_a_report_in_packets() -> None:
    reader = VirtualSwipeReader()
    report = reader.report(StripeCard(TRACKS))
    with link_to(reader) as link:
        for at in range(0, len(report), PACKET):
            reader.put(REPORT_IN, report[at : at + PACKET])
        swipe = link.read(1)
        assert swipe is not None
        assert swipe.tracks == TRACKS


def test_a_numbered_report() -> None:
    reader = VirtualSwipeReader()
    reader.report_descriptor = b"\x85\x05" + reader.report_descriptor
    with link_to(reader) as link:
        reader.put(REPORT_IN, b"\x05" + reader.report(StripeCard(TRACKS)))
        swipe = link.read(1)
        assert swipe is not None
        assert swipe.tracks == TRACKS


def test_which_readers_are_meant() -> None:
    stranger = VirtualSwipeReader(ids=(0x1234, 0x5678))
    backend = virtual_backend(VirtualCcid(), stranger, VirtualSwipeReader(), VirtualSwipeReader(ids=(0x0ACD, 0x2010)))
    urls = [one.url for one in discover(1, backend=backend)]
    assert urls == ["swipe:hid:bus=1,addr=3", "swipe:hid:bus=1,addr=4"]
    for details in ("hid", "hid:0801:0002", "hid:1234:5678", "hid:bus=1,addr=4"):
        open_url(details, backend=backend).close()
    for details in ("hid:bus=1,addr=1", "hid:bus=1,addr=2", "hid:0801:0003"):
        with pytest.raises(DeviceGone, match="No swipe reader"):
            open_url(details, backend=backend)
    for details in ("", "usb", "hid:0801", "hid:bus=x"):
        with pytest.raises(BadAddress):
            open_url(details, backend=backend)


def test_a_reader_that_types() -> None:
    reader = VirtualSwipeReader(ids=(0x0ACD, 0x2030))
    reader.report_descriptor = bytes.fromhex("0501 0906 A101 7508 9508 8102 C0")
    with pytest.raises(DriverUnavailable, match="8 bytes") as refusal:
        link_to(reader, "hid:0acd:2030")
    assert "keyboard" in refusal.value.hint


def test_a_reader_without_a_report_descriptor(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = VirtualSwipeReader()

    def stall(kind: int, index: int) -> Any:
        raise UsbStall

    monkeypatch.setattr(reader, "standard_descriptor", stall)
    with link_to(reader) as link:
        reader.swipe(TRACKS)
        swipe = link.read(1)
        assert swipe is not None
        assert swipe.tracks == TRACKS


def test_without_pyusb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "usb.core", None)
    with pytest.raises(DriverUnavailable) as refusal:
        open_link("swipe:hid")
    assert "countertop[usb]" in refusal.value.hint
