"""The MSR605 over a pseudo-terminal, with pyserial: what it sends and takes, byte for byte (card-hardware.md D.2)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest

from countertop_drivers import (
    BadAddress,
    DeviceRefused,
    DeviceTimeout,
    DriverUnavailable,
    ProtocolError,
    SwipeLink,
    TrackWriter,
    open_swipe,
)
from countertop_drivers.address import SerialAddress
from countertop_drivers.link import Tracks
from countertop_drivers.msr605 import commands as c
from countertop_drivers.msr605 import driver
from countertop_drivers.msr605.driver import Msr605Link, open_url
from countertop_drivers.msr605.exchange import Limits
from countertop_drivers.msr605.frames import iso_block, iso_text, raw_bits, raw_block
from countertop_drivers.serial_port import PortFound, open_serial
from countertop_drivers.track_bits import encode
from countertop_drivers.virtual.msr605 import VirtualMsr605
from countertop_drivers.virtual.serial_ends import PtyEnd, TcpEnd
from countertop_drivers.virtual.stripe_card import StripeCard

TRACKS: Tracks = (b"B4111111111111111^DOE/JANE^30122011234", b"4111111111111111=30122011234", b"0112345=1")
QUICK = Limits(answer_s=0.3, block_s=0.3, quiet_s=0.02, longest_s=0.3)
Done = TypeVar("Done")


class Heard(VirtualMsr605):
    """Remembers what the host sent."""

    heard = b""

    def receive(self, data: bytes) -> None:
        self.heard += data
        super().receive(data)


@pytest.fixture
def device() -> Heard:
    return Heard()


@pytest.fixture
def link(device: Heard) -> Iterator[Msr605Link]:
    with PtyEnd(device) as end, open_url(f"serial:{end.path}", limits=QUICK) as link:
        device.heard = b""
        yield link


def while_swiping(
    device: VirtualMsr605, card: StripeCard | Tracks, do: Callable[[], Done], badly: bool = False
) -> Done:
    """What ``do`` gives while a card is pulled through as soon as the device waits for it."""
    with ThreadPoolExecutor(1) as hands:
        pulled = hands.submit(device.swipe, card, badly=badly)
        done = do()
        assert pulled.result(5)
    return done


def test_what_it_is(link: Msr605Link) -> None:
    assert isinstance(link, SwipeLink)
    assert isinstance(link, TrackWriter)


@pytest.mark.parametrize("marks", [False, True])
def test_reading(marks: bool) -> None:
    device = Heard(marks=marks)
    with PtyEnd(device) as end, open_url(f"serial:{end.path}", limits=QUICK) as link:
        assert device.heard == bytes.fromhex("1B61 1B65")
        swipe = while_swiping(device, TRACKS, lambda: link.read(5))
        assert swipe is not None
        assert (swipe.tracks, swipe.method, swipe.problem) == (TRACKS, "iso", "")
        assert device.heard == bytes.fromhex("1B61 1B65 1B72")
        swipe = while_swiping(device, (None, TRACKS[1], None), lambda: link.read(5))
        assert swipe is not None
        assert swipe.tracks == (None, TRACKS[1], None)
        assert swipe.problem == ""


def test_over_tcp_by_its_url() -> None:
    device = VirtualMsr605()
    with TcpEnd(device) as end, open_swipe(f"msr605:serial:socket://127.0.0.1:{end.port}") as link:
        swipe = while_swiping(device, TRACKS, lambda: link.read(5))
        assert swipe is not None
        assert swipe.tracks == TRACKS


def test_waiting_goes_on_and_is_cancelled(link: Msr605Link, device: Heard) -> None:
    assert link.read(0) is None
    assert link.read(0) is None
    assert device.swipe(TRACKS)
    swipe = link.read(5)
    assert swipe is not None
    assert swipe.tracks == TRACKS, "a pass between two reads is not missed"
    assert device.heard == c.READ_ISO, "asked once"
    assert link.read(0) is None
    link.cancel()
    assert not device.swipe(TRACKS, 0)
    assert device.heard.endswith(c.READ_ISO + c.RESET + c.TEST_LINE)
    assert link.read(0) is None
    assert link.model() == "3", "any other command cancels, too"
    assert not device.waits


def test_closing_cancels(device: Heard) -> None:
    with PtyEnd(device) as end:
        with open_url(f"serial:{end.path}", limits=QUICK) as link:
            assert link.read(0) is None
        link.close()
        with open_url(f"serial:{end.path}", limits=QUICK) as link:
            link.test_line()
    assert not device.waits


def test_tracks_that_cannot_be_read(link: Msr605Link, device: Heard) -> None:
    card = StripeCard(TRACKS)
    card.put(2, b"\xff\xff")
    swipe = while_swiping(device, card, lambda: link.read(5))
    assert swipe is not None
    assert swipe.tracks == (TRACKS[0], None, TRACKS[2])
    assert swipe.problem == "Track 2 could not be read. The card could not be read or written."
    swipe = while_swiping(device, TRACKS, lambda: link.read(5), badly=True)
    assert swipe is not None
    assert swipe.tracks == (None, None, None)
    assert "Track 3 could not be read." in swipe.problem


def test_writing_is_as_in_the_manual(link: Msr605Link, device: Heard) -> None:
    card = StripeCard()
    while_swiping(device, card, lambda: link.write((b"ABC123", b"12345", b"12345")))
    assert device.heard == bytes.fromhex("1B771B731B014142433132331B0231323334351B0331323334353F1C")
    assert card.tracks == (b"ABC123", b"12345", b"12345")
    swipe = while_swiping(device, card, lambda: link.read(5))
    assert swipe is not None
    assert swipe.tracks == card.tracks


def test_one_track_is_written_and_the_others_left(link: Msr605Link, device: Heard) -> None:
    card = StripeCard(TRACKS)
    while_swiping(device, card, lambda: link.write((None, b"77", None)))
    assert card.tracks == (TRACKS[0], b"77", TRACKS[2])
    while_swiping(device, card, lambda: link.erase((True, False, True)))
    assert device.heard.endswith(bytes.fromhex("1B6305"))
    assert card.tracks == (None, b"77", None)
    while_swiping(device, card, lambda: link.erase((True, True, True)))
    assert card.raw == (None, None, None)


def test_raw_bits_are_as_in_the_manual(link: Msr605Link, device: Heard) -> None:
    link.set_leading_zeros(0, 0)
    device.heard, card = b"", StripeCard()
    raw: Tracks = (encode(b"ABC123", 1, leading=0, trailing=0), encode(b"12345", 2, leading=0, trailing=0), None)
    while_swiping(device, card, lambda: link.write_raw(raw))
    assert device.heard == bytes.fromhex("1B6F080808 1B6E1B73 1B0108C5B07814954E3E2A 1B02052B8849EAAF 1B0300 3F1C")
    assert card.raw == raw
    device.heard = b""
    swipe = while_swiping(device, card, lambda: link.read_raw(5))
    assert device.heard == c.READ_RAW, "it is set to whole bytes already"
    assert swipe is not None
    assert (swipe.raw, swipe.method, swipe.problem) == (raw, "raw", "")
    assert swipe.tracks == (b"ABC123", b"12345", None)
    swipe = while_swiping(device, card, lambda: link.read(5))
    assert device.heard == c.READ_RAW + bytes.fromhex("1B6F070505") + c.READ_ISO
    assert swipe is not None
    assert swipe.tracks == (b"ABC123", b"12345", None)


def test_raw_bits_that_look_like_the_end(link: Msr605Link, device: Heard) -> None:
    card = StripeCard()
    card.raw = (bytes.fromhex("3F1C1B30"), bytes.fromhex("1B031B02"), bytes(255))
    swipe = while_swiping(device, card, lambda: link.read_raw(5))
    assert swipe is not None
    assert swipe.raw == card.raw
    assert swipe.tracks == (None, None, None)
    assert swipe.problem.count("rack") == 3
    with pytest.raises(ProtocolError, match="Track 2 has 256 bytes"):
        link.write_raw((None, bytes(256), None))


def test_a_driving_licence_has_letters_on_track_3(link: Msr605Link, device: Heard) -> None:
    with pytest.raises(ProtocolError, match="Track 3 needs 7 bits"):
        link.write((None, None, b"LETTERS"))
    link.set_bits_per_character((7, 5, 7))
    card = StripeCard()
    while_swiping(device, card, lambda: link.write((None, None, b"LETTERS")))
    swipe = while_swiping(device, card, lambda: link.read(5))
    assert swipe is not None
    assert swipe.tracks == (None, None, b"LETTERS")
    with pytest.raises(BadAddress):
        link.set_bits_per_character((4, 5, 5))


def test_nothing_and_nonsense_is_not_written(link: Msr605Link, device: Heard) -> None:
    with pytest.raises(BadAddress, match="nothing to write"):
        link.write((None, None, None))
    with pytest.raises(BadAddress, match="No track"):
        link.erase((False, False, False))
    with pytest.raises(ProtocolError, match="Track 2: character 1"):
        link.write((None, b"A", None))
    assert device.heard == b""


def test_nobody_pulls_a_card(link: Msr605Link, device: Heard) -> None:
    card = StripeCard(TRACKS)
    with pytest.raises(DeviceTimeout, match="No card passed"):
        link.write((None, b"1", None), 0.05)
    assert not device.swipe(card, 0), "it does not wait any more"
    with pytest.raises(DeviceTimeout):
        link.erase((True, True, True), 0.05)
    assert card.tracks == TRACKS


def test_a_bad_pull_while_writing(link: Msr605Link, device: Heard) -> None:
    card = StripeCard(TRACKS)
    with pytest.raises(DeviceRefused, match="too fast") as refusal:
        while_swiping(device, card, lambda: link.write((None, b"1", None)), badly=True)
    assert (refusal.value.code, refusal.value.name) == (0x39, "BAD_SWIPE")
    assert card.tracks == TRACKS
    while_swiping(device, card, lambda: link.write((None, b"1", None)))
    assert card.tracks == (TRACKS[0], b"1", TRACKS[2])


def test_settings(link: Msr605Link, device: Heard) -> None:
    assert link.coercivity() is False
    link.set_coercivity(True)
    assert link.coercivity() is True
    assert link.leading_zeros() == (61, 22)
    link.set_leading_zeros(27, 255)
    assert link.leading_zeros() == (27, 255)
    link.set_density(1, False)
    link.set_density(2, True)
    link.set_density(3, True)
    assert device.dense == (False, True, True)
    sent = bytes.fromhex("1B64 1B78 1B64 1B6C 1B7A1BFF 1B6C 1B62A0 1B62D2 1B62C1")
    assert device.heard == sent
    link.reset()
    assert link.coercivity() is True, "a reset makes the device forget, not the link"
    assert (device.leading_zeros, device.dense) == ((27, 255), (False, True, True))
    link.set_coercivity(False)
    assert link.read(0) is None
    link.cancel()
    assert device.high_coercivity is False
    with pytest.raises(BadAddress, match="no track 4"):
        link.set_density(4, True)
    with pytest.raises(BadAddress, match="256 leading zeros"):
        link.set_leading_zeros(256, 0)


def test_leading_zeros_are_written(link: Msr605Link, device: Heard) -> None:
    link.set_leading_zeros(7, 9)
    card = StripeCard()
    while_swiping(device, card, lambda: link.write((b"A", b"1", None)))
    assert card.raw == (encode(b"A", 1, leading=7), encode(b"1", 2, leading=9), None)


def test_lights(link: Msr605Link, device: Heard) -> None:
    for light in c.Light:
        link.light(light)
    link.test_line()
    assert device.heard == bytes.fromhex("1B81 1B82 1B83 1B84 1B85 1B65")
    assert device.lights == {"red"}
    link.light(c.Light.ALL)
    link.test_line()
    assert device.lights == {"green", "yellow", "red"}


def test_what_the_device_says_of_itself(link: Msr605Link, device: Heard) -> None:
    assert link.firmware() == "REVT1.02"
    assert link.model() == "3"
    assert c.MODEL_TRACKS[link.model()] == (1, 2, 3)
    assert link.test_memory() is True
    while_swiping(device, TRACKS, link.test_sensor)
    with pytest.raises(DeviceTimeout):
        link.test_sensor(0.02)
    link.test_line()


def test_blocks_of_the_manual() -> None:
    """Section 8: 01, 23 and 45 on the tracks; and track 2 alone (section 7)."""
    read = bytes.fromhex("1B731B012530313F1B023B32333F1B033B34353F3F1C1B30")
    block = iso_block(read)
    assert block is not None
    assert block.tracks == (b"%01?", b";23?", b";45?")
    assert block.size == len(read)
    assert all(iso_block(read[:size]) is None for size in range(len(read)))
    assert iso_text((b"01", b"23", b"45")) == bytes.fromhex("1B731B0130311B0232331B0334353F1C")
    block = iso_block(bytes.fromhex("1B731B011B023B32333F1B033F1C1B31"))
    assert block is not None
    assert (block.tracks, block.status) == ((None, b";23?", None), 0x31)
    block = iso_block(bytes.fromhex("1B731B011B2B1B021B2A1B031B2B3F1C1B31"))
    assert block is not None
    assert (block.tracks, block.unreadable) == ((None, None, None), (False, True, False))
    raw = raw_bits((None, b"\x3f\x1c\x1b\x30", None)) + b"\x1b\x30"
    assert raw == bytes.fromhex("1B731B01001B02043F1C1B301B03003F1C1B30")
    block = raw_block(raw)
    assert block is not None
    assert block.tracks == (None, b"\x3f\x1c\x1b\x30", None)
    assert all(raw_block(raw[:size]) is None for size in range(len(raw)))


def test_the_speed_is_9600_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[tuple[SerialAddress, int]] = []

    def remember(address: SerialAddress, baud: int) -> object:
        opened.append((address, baud))
        return open_serial(address, baud)

    monkeypatch.setattr(driver, "open_serial", remember)
    with PtyEnd(VirtualMsr605()) as end:
        open_url(f"serial:{end.path}?baud=19200", limits=QUICK).close()
        assert opened == [(SerialAddress(end.path, 19200), 9600)]


def test_ports_are_listed_and_not_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    ports = [
        PortFound("/dev/ttyUSB7", "USB-Serial Controller", 0x067B, 0x2303),
        PortFound("/dev/ttyUSB8", "CP2102", 0x10C4, 0xEA60),
        PortFound("/dev/ttyS0", "ttyS0", None, None),
    ]
    monkeypatch.setattr(driver, "serial_ports", lambda: ports)
    monkeypatch.setattr(driver, "open_serial", None)
    found = driver.discover(1)
    assert [one.url for one in found] == ["msr605:serial:/dev/ttyUSB7"]
    assert found[0].title == "perhaps an MSR605 (USB-Serial Controller)"


@pytest.mark.parametrize("details", ["", "usb", "serial:", "serial:/dev/x?mode=raw"])
def test_addresses(details: str) -> None:
    with pytest.raises(BadAddress):
        open_url(details)


def test_without_pyserial(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "serial", None)
    with pytest.raises(DriverUnavailable) as refusal:
        open_swipe("msr605:serial:/dev/ttyUSB0")
    assert "countertop[serial]" in refusal.value.hint


def test_no_card_number_in_what_is_printed() -> None:
    block = iso_block(bytes.fromhex("1B731B011B02") + b";4111111111111111=3012?" + bytes.fromhex("1B033F1C1B30"))
    assert "4111" not in repr(block)
    with pytest.raises(ProtocolError) as refusal:
        iso_block(b"4111111111111111=3012?")
    assert "34 31 31" not in str(refusal.value)
