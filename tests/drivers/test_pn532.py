"""A PN532 behind a serial line: what crosses it, and what happens when it misbehaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from air_card import chip_of, reader
from paper_card import drive, request
from usb_bench import ATS, card

from countertop.emv.kernel import OnlineAnswer, contactless
from countertop_drivers import (
    CardAbsent,
    CardMute,
    DeviceGone,
    DeviceRefused,
    DeviceTimeout,
    ProtocolError,
    open_card,
)
from countertop_drivers.address import SerialAddress
from countertop_drivers.loop import LoopLink
from countertop_drivers.pn532 import driver
from countertop_drivers.pn532.frames import ACK, ERROR, frame
from countertop_drivers.pn532.hsu import WAKE_UP, Hsu
from countertop_drivers.serial_port import open_serial
from countertop_drivers.virtual.pn532 import UID, VirtualPn532
from countertop_drivers.virtual.serial_ends import PtyEnd

COMMAND = bytes.fromhex("80A8000400")
ANSWER = bytes.fromhex("000102039000")


class Tapped(VirtualPn532):
    """Keeps what crosses the line; ``spoil`` makes of each frame of the chip what the host gets."""

    def __init__(self, card: LoopLink | None = None) -> None:
        super().__init__(card)
        self.heard: list[bytes] = []
        self.spoil: Callable[[bytes], bytes] | None = None

    def receive(self, data: bytes) -> None:
        self.heard.append(data)
        super().receive(data)

    def _out(self, data: bytes) -> None:
        super()._out(data if self.spoil is None else self.spoil(data))


@pytest.fixture
def device() -> Tapped:
    return Tapped(card(ATS))


@pytest.fixture
def end(device: Tapped) -> Iterator[PtyEnd]:
    with PtyEnd(device) as end:
        yield end


@pytest.fixture
def link(end: PtyEnd) -> Iterator[driver.Pn532Link]:
    port = open_serial(SerialAddress(end.path), 115_200)
    with driver.Pn532Link(Hsu(port, ack_within_s=0.05), card_within_s=0.3) as link:
        yield link


def test_waking_up_is_one_write_with_the_first_command(link, device):
    heard = b"".join(device.heard)
    assert heard.startswith(WAKE_UP + bytes.fromhex("0000FF05FBD4140100001700"))
    assert heard.count(WAKE_UP) == 1
    assert link.describe() == {"device": "PN532 1.6 (ISO 14443 A, ISO 14443 B, ISO 18092)"}


def test_a_card_is_reset_by_its_field_and_named_by_its_ats(link, device):
    device.heard.clear()
    assert link.power_on() == ATS
    off, on = frame(bytes.fromhex("D4320100")), frame(bytes.fromhex("D4320101"))
    assert b"".join(device.heard) == off + on + frame(bytes.fromhex("D44A0200"))
    assert link.uid() == UID
    device.heard.clear()
    assert link.transmit(COMMAND) == ANSWER
    assert b"".join(device.heard) == frame(bytes.fromhex("D44001") + COMMAND)


def test_long_commands_and_answers_go_in_pieces(link):
    link.power_on()
    body = bytes(range(256)) * 3
    apdu = bytes.fromhex("80A8012C00") + len(body).to_bytes(2, "big") + body + b"\0\0"
    assert link.transmit(apdu) == body[:300] + b"\x90\0"


def test_a_contactless_sale():
    chip = chip_of("visa")
    with PtyEnd(VirtualPn532(chip)) as end, open_card(f"pn532:serial:{end.path}") as link:
        done = drive(
            link.transmit,
            lambda _: link.power_on(),
            reader(),
            request(),
            answer=OnlineAnswer(True, "00"),
            kernel=contactless,
        )
    assert done.outcome.result == "approved", done.outcome.why


def test_a_damaged_answer_is_asked_for_again(link, device):
    spoilt = iter([True])

    def spoil(data: bytes) -> bytes:
        if data == ACK or not next(spoilt, False):
            return data
        return data[:-2] + bytes((data[-2] ^ 1, data[-1]))

    link.power_on()
    device.spoil = spoil
    assert link.transmit(COMMAND) == ANSWER
    assert bytes.fromhex("0000FFFF0000") in device.heard


def test_a_lost_acknowledgement_is_tried_again(link, device):
    lost = iter([True])
    link.power_on()
    device.spoil = lambda data: b"" if next(lost, False) else data
    assert link.transmit(COMMAND) == ANSWER


def test_stale_and_doubled_frames_are_passed_over(link, device):
    link.power_on()
    stale = frame(bytes.fromhex("D54B00"))
    device.spoil = lambda data: data + stale + ACK if data == ACK else data + data
    for _ in range(3):
        assert link.transmit(COMMAND) == ANSWER


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda data: b"", DeviceTimeout),
        (lambda data: data if data == ACK else b"", DeviceTimeout),
        (lambda data: data if data == ACK else data[:-3], DeviceTimeout),
        (lambda data: data if data == ACK else data[:5] + bytes((data[5] ^ 0x10,)) + data[6:], ProtocolError),
        (lambda data: data if data == ACK else frame(b"\xd5\x99") * 20, ProtocolError),
        (lambda data: data if data == ACK else ERROR, DeviceRefused),
        (lambda data: data if data == ACK else frame(b"\xd5\x41"), ProtocolError),
        (lambda data: data if data == ACK else frame(b"\xd5\x41\x00"), CardMute),
        (lambda data: data if data == ACK else frame(b"\xd5\x41\x01"), CardMute),
        (lambda data: data if data == ACK else frame(b"\xd5\x41\x07"), DeviceRefused),
        (lambda data: data if data == ACK else frame(b"\xd5\x41\x40"), ProtocolError),
        (lambda data: b"\x00\xff" * 2000, DeviceTimeout),
    ],
    ids=[
        "silent",
        "acknowledges and is silent",
        "truncated",
        "bits flipped",
        "other answers",
        "not taken",
        "no status",
        "no response",
        "card gone",
        "a code of its own",
        "a response without an end",
        "babbles",
    ],
)
def test_misbehaviour_is_a_typed_error_and_a_reset_mends_it(link, device, spoil, error):
    link.power_on()
    device.spoil = spoil
    with pytest.raises(error):
        link.transmit(COMMAND)
    device.spoil = None
    link.reset()
    assert link.power_on() == ATS
    assert link.transmit(COMMAND) == ANSWER


def test_a_card_that_leaves_in_the_middle(link, device):
    link.power_on()
    device.remove()
    with pytest.raises(CardMute, match="context"):
        link.transmit(COMMAND)
    with pytest.raises(CardAbsent, match="no power"):
        link.transmit(COMMAND)
    with pytest.raises(CardAbsent, match="no card"):
        link.power_on()


@pytest.mark.parametrize(
    ("listed", "error", "says"),
    [
        ("D54B02010004080401020304020004080405060708", CardMute, "more than one"),
        ("D54B01010004080401020304", CardMute, "no ISO 14443-4"),
        ("D54B0101000420", ProtocolError, "ends early"),
        ("D54B010100042004010203040678", ProtocolError, "ends early"),
        ("D54B03", ProtocolError, "lists 03"),
        ("D54B", ProtocolError, "no number of"),
    ],
)
def test_cards_that_are_none_of_ours(link, device, listed, error, says):
    listed = bytes.fromhex(listed)
    chip = device.chip.command
    device.chip.command = lambda command: listed if command[1] == 0x4A else chip(command)
    with pytest.raises(error, match=says):
        link.power_on()


def test_a_port_that_vanishes(device):
    end = PtyEnd(device)
    link = open_card(f"pn532:serial:{end.path}")
    link.power_on()
    end.close()
    with pytest.raises(DeviceGone):
        link.transmit(COMMAND)
    with pytest.raises(DeviceGone):
        assert link.present
    link.close()
    with pytest.raises(DeviceGone, match="no serial port"):
        open_card(f"pn532:serial:{end.path}")


def test_somebody_else_on_the_line():
    class Stranger(VirtualPn532):
        def receive(self, data: bytes) -> None:
            self._out(b"login: ")

    with PtyEnd(Stranger()) as end, pytest.raises(DeviceTimeout, match="does not acknowledge"):
        open_card(f"pn532:serial:{end.path}")


def test_power_down_and_waking_again(link, device):
    link.chip.power_down()
    assert device.asleep
    assert link.power_on() == ATS
