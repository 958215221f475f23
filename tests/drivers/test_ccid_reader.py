"""The CCID driver against its virtual device: what it does by itself, several slots, PIN entry, and misbehaviour."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from usb_bench import IMPATIENT, T0_ATR, T1_ATR, Spoilt, card, echo, link_to

from countertop_drivers import (
    BadAddress,
    CardAbsent,
    CardMute,
    DeviceGone,
    DeviceRefused,
    DeviceTimeout,
    DriverError,
    DriverUnavailable,
    Found,
    ProtocolError,
)
from countertop_drivers.address import UsbAddress
from countertop_drivers.ccid.descriptor import CcidDescriptor, Feature, Level
from countertop_drivers.ccid.driver import CcidLink, discover, open_url, reader_of
from countertop_drivers.ccid.messages import Answer
from countertop_drivers.ccid.secure import PinModify, PinVerify
from countertop_drivers.usb import open_interface
from countertop_drivers.virtual.ccid import BULK_IN, BULK_OUT, CLEVER, PLAIN, VirtualCcid
from countertop_drivers.virtual.usb_backend import virtual_backend
from countertop_drivers.virtual.usb_device import UsbStall

COMMAND = bytes.fromhex("80A8000400")
ANSWER = bytes.fromhex("000102039000")
FAST_T1 = bytes.fromhex("3B90948131FE450F")


class Listening(VirtualCcid):
    """Remembers the types of the commands it was sent."""

    def __init__(self, *cards, **options):
        self.seen = []
        super().__init__(*cards, **options)

    def answer(self, command):
        self.seen.append((command.kind, command.data.hex()))
        return super().answer(command)


def test_a_plain_reader_is_told_everything():
    device = Listening(card(FAST_T1), level=Level.TPDU, features=PLAIN)
    with link_to(device) as link:
        assert link.power_on() == FAST_T1
        assert link.choice is not None
        assert (link.choice.protocol, link.choice.fidi, link.choice.negotiate) == (1, 0x94, True)
        kinds = [kind for kind, _ in device.seen]
        assert kinds == [0x65, 0x62, 0x6F, 0x61, 0x6F], "status, power, PPS, parameters, S(IFS)"
        assert device.seen[2][1] == "ff11947a"
        assert device.seen[3][1] == "9410004500fe00"
        assert device.seen[4][1] == "00c101fe3e"
        assert link.transmit(COMMAND) == ANSWER
    device = Listening(card(T1_ATR), level=Level.TPDU, features=CLEVER)
    with link_to(device) as link:
        link.power_on()
        assert [kind for kind, _ in device.seen] == [0x65, 0x62], "a clever one, nothing"
        assert link.transmit(COMMAND) == ANSWER


def test_a_reader_that_makes_the_pps_itself():
    device = Listening(card(T0_ATR), level=Level.TPDU, features=Feature.AUTO_PPS)
    with link_to(device) as link:
        link.power_on()
        assert [kind for kind, _ in device.seen] == [0x65, 0x62, 0x61]


def test_voltages_in_turn():
    class LowVoltage(Listening):
        def _power_on(self, contact, command):
            if command.specific[0] != 3:
                return self._failed(contact, command, 0xFE)
            return super()._power_on(contact, command)

    device = LowVoltage(card(), features=PLAIN)
    with link_to(device) as link:
        assert link.power_on() == T0_ATR
        assert [kind for kind, _ in device.seen].count(0x62) == 5, "twice at 5 V, twice at 3 V, once at 1.8 V"
    with link_to(VirtualCcid(card(), descriptor=CcidDescriptor(voltage_support=1), features=PLAIN)) as link:
        assert link.power_on() == T0_ATR


def test_a_bad_atr_gets_one_warm_reset():
    atrs = [b"\x3b\x05", T0_ATR]

    class Once:
        present = True

        def power_on(self):
            return atrs.pop(0)

        def transmit(self, apdu):
            return b"\x90\x00"

        def power_off(self):
            """It has none."""

    with link_to(VirtualCcid(Once())) as link:
        assert link.power_on() == T0_ATR
    atrs[:] = [b"\x3b\x05"] * 9
    with link_to(VirtualCcid(Once())) as link, pytest.raises(CardMute, match="announces 7"):
        link.power_on()


def test_several_slots():
    device = VirtualCcid(card(), None, card(T1_ATR), level=Level.TPDU, features=PLAIN)
    backend = virtual_backend(device)
    assert discover(1, backend=backend) == [
        Found("ccid:usb:bus=1,addr=1", "Countertop Virtual CCID reader"),
        Found("ccid:usb:bus=1,addr=1,slot=1", "Countertop Virtual CCID reader"),
        Found("ccid:usb:bus=1,addr=1,slot=2", "Countertop Virtual CCID reader"),
    ]
    pipe, _ = open_interface(lambda interface: True, UsbAddress(), "reader", backend)
    reader = reader_of(pipe)
    first, second, third = (CcidLink(reader, number) for number in range(3))
    assert first.power_on() == T0_ATR
    assert third.power_on() == T1_ATR
    assert first.transmit(COMMAND) == third.transmit(COMMAND) == ANSWER
    assert second.present is False
    with pytest.raises(CardAbsent):
        second.power_on()
    device.insert(card(), 1)
    assert second.wait(True, 2)
    assert second.power_on() == T0_ATR
    assert reader.event(0.1) == [(True, False), (True, True), (True, False)]
    assert reader.event(0.01) is None
    with pytest.raises(BadAddress, match="no slot 3"):
        CcidLink(reader, 3)
    first.close()
    with open_url("usb:slot=2", backend=backend) as link:
        assert link.power_on() == T1_ATR


def test_the_other_commands():
    device = VirtualCcid(card(), level=Level.TPDU, features=PLAIN)
    with link_to(device) as link:
        link.power_on()
        slot = link.slot
        assert slot.parameters() == (0, bytes.fromhex("1100000a00"))
        assert slot.set_parameters(1, bytes.fromhex("9410004500fe00")) == bytes.fromhex("9410004500fe00")
        assert slot.reset_parameters() == (0, bytes.fromhex("1100000a00"))
        slot.set_clock(False)
        assert device.contacts[0].running is False
        slot.set_clock(True)
        slot.t0_apdu(1, 0x80)
        assert slot.set_rate_and_clock(115200, 8000) == (10752, 4000)
        slot.abort()
        for refused in (lambda: slot.mechanical(2), lambda: slot.escape(b"\1"), lambda: slot.secure(b"\0" * 20, 1)):
            with pytest.raises(DeviceRefused) as refusal:
                refused()
            assert refusal.value.name == "CMD_NOT_SUPPORTED"
        with pytest.raises(DeviceRefused, match="byte 7"):
            slot.set_parameters(0, b"")
        assert link.reader.clock_frequencies() == []
        assert link.transmit(COMMAND) == ANSWER
    listing = VirtualCcid(card(), descriptor=CcidDescriptor(clocks=2, data_rates=1))
    with link_to(listing) as link:
        assert link.reader.clock_frequencies() == [4000, 4000]
        assert link.reader.data_rates() == [10752]


@pytest.mark.parametrize("level", [Level.TPDU, Level.SHORT_APDU, Level.EXTENDED_APDU])
@pytest.mark.parametrize("atr", [T0_ATR, T1_ATR])
def test_a_pin_at_the_reader(level, atr):
    seen = []

    def verify(apdu):
        if apdu[1] != 0x20:
            return echo(apdu)
        seen.append(apdu.hex())
        return b"\x90\x00" if apdu[5:8] == b"\x24\x12\x34" else b"\x63\xc2"

    typed = iter(["1234", "9999", None])
    device = VirtualCcid(card(atr, verify), level=level, features=PLAIN, pin=lambda: next(typed), extensions=2)
    with link_to(device) as link:
        link.power_on()
        assert link.transmit(COMMAND) == ANSWER
        assert link.verify_pin(PinVerify()) == b"\x90\x00"
        assert link.verify_pin(PinVerify()) == b"\x63\xc2"
        assert seen[0] == "0020008008241234ffffffffff"
        with pytest.raises(DeviceRefused) as refusal:
            link.verify_pin(PinVerify())
        assert refusal.value.name == "PIN_CANCELLED"
        with pytest.raises(DriverError, match="no PIN pad"):
            link.modify_pin(PinModify())
        if (level, atr) != (Level.TPDU, T1_ATR):
            assert link.transmit(COMMAND) == ANSWER
    with link_to(VirtualCcid(card())) as link:
        link.power_on()
        with pytest.raises(DriverError, match="no PIN pad"):
            link.verify_pin(PinVerify())


def test_no_device_and_no_such_device():
    with pytest.raises(DeviceGone, match="No CCID reader at usb"):
        open_url("usb", backend=virtual_backend())
    with pytest.raises(DeviceGone, match="No CCID reader at usb:1234:5678"):
        open_url("usb:1234:5678", backend=virtual_backend(VirtualCcid()))
    with pytest.raises(BadAddress):
        open_url("serial:/dev/ttyUSB0")
    backend = virtual_backend(VirtualCcid(), VirtualCcid(card()))
    with open_url("usb:bus=1,addr=2", backend=backend) as link:
        assert link.present
    with open_url("usb:08e6:4433", backend=backend) as link:
        assert not link.present
        with pytest.raises(DriverUnavailable, match="in use"):
            open_url("usb:08e6:4433", backend=backend)


def test_unplugged_and_plugged_in_again():
    device = VirtualCcid(card())
    backend = virtual_backend(device)
    link = open_url("usb", backend=backend)
    link.power_on()
    device.unplug()
    for _ in range(2):
        with pytest.raises(DeviceGone):
            link.transmit(COMMAND)
    with pytest.raises(DeviceGone):
        _ = link.present
    link.close()
    link.close()
    with pytest.raises(DeviceGone):
        open_url("usb", backend=backend)
    device.plug()
    with open_url("usb", backend=backend) as link:
        assert link.power_on() == T0_ATR
        assert link.transmit(COMMAND) == ANSWER
        threading.Timer(0.05, device.unplug).start()
        with pytest.raises(DeviceGone):
            link.wait(False, 5)


def spoilt(limits=IMPATIENT, **options):
    device = Spoilt(card(T1_ATR), **options)
    return device, link_to(device, limits=limits)


def test_a_reader_that_says_nothing():
    device, link = spoilt()
    with link:
        link.power_on()
        device.spoil = lambda message: []
        begun = time.monotonic()
        with pytest.raises(DeviceTimeout):
            link.transmit(COMMAND)
        assert time.monotonic() - begun < 1
        with pytest.raises(DeviceTimeout):
            link.transmit(COMMAND)
        device.spoil = None
        assert link.transmit(COMMAND) == ANSWER, "the abort is confirmed at last"


def test_a_late_answer_is_not_taken_for_the_next():
    device, link = spoilt()
    with link:
        link.power_on()
        kept = []
        device.spoil = lambda message: (kept.append(message), [])[1]
        with pytest.raises(DeviceTimeout):
            link.transmit(bytes.fromhex("80A8000100"))
        device.spoil = lambda message: [*kept, message, message]
        assert link.transmit(COMMAND) == ANSWER
        assert link.transmit(COMMAND) == ANSWER


def test_messages_in_pieces_and_with_a_tail():
    device, link = spoilt()
    with link:
        device.spoil = lambda message: [message[at : at + 3] for at in range(0, len(message), 3)]
        link.power_on()
        assert link.transmit(COMMAND) == ANSWER
        device.spoil = lambda message: [b"", message + b"tail"]
        assert link.transmit(COMMAND) == ANSWER


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda message: [message[:-1]], ProtocolError),
        (lambda message: [message[:4]], ProtocolError),
        (lambda message: [message[:1] + b"\xff\xff\xff\x7f" + message[5:]], ProtocolError),
        (lambda message: [b"\x99" + message[1:]], ProtocolError),
        (lambda message: [message[:6] + bytes((message[6] ^ 0x55,)) + message[7:]] * 50, ProtocolError),
        (lambda message: [message[:7] + b"\xc0" + message[8:]], ProtocolError),
        (lambda message: [b""] * 100, ProtocolError),
        (lambda message: [bytes(300)] * 100, ProtocolError),
        (lambda message: [message[:7] + b"\x80\x01" + message[9:]], DeviceTimeout),
    ],
)
def test_lies(spoil, error):
    device, link = spoilt()
    with link:
        link.power_on()
        device.spoil = spoil
        with pytest.raises(error):
            link.transmit(COMMAND)
        device.spoil = None
        link.reset()
        with pytest.raises(CardAbsent, match="no power"):
            link.transmit(COMMAND)
        assert link.power_on() == T1_ATR
        assert link.transmit(COMMAND) == ANSWER


def test_a_babbling_reader_costs_neither_memory_nor_time():
    device, link = spoilt()
    with link:
        link.power_on()
        more = Answer(0x80, 0, 0, 0x80, 1)
        device.spoil = lambda message: [more.encoded[:6] + message[6:7] + more.encoded[7:]] * 250
        begun = time.monotonic()
        with pytest.raises(DriverError):
            link.transmit(COMMAND)
        assert time.monotonic() - begun < 2


def test_stalls_and_a_cable_pulled_in_the_middle():
    class Stalling(VirtualCcid):
        trouble = 0

        def received(self, endpoint, data):
            if self.trouble == 1:
                self.trouble = 0
                raise UsbStall
            if self.trouble == 2:
                self.trouble = 0
                self.unplug()
                return
            super().received(endpoint, data)

    device = Stalling(card())
    with link_to(device, limits=IMPATIENT) as link:
        link.power_on()
        device.trouble = 1
        with pytest.raises(DeviceRefused) as refusal:
            link.transmit(COMMAND)
        assert refusal.value.name == "STALL"
        assert link.transmit(COMMAND) == ANSWER
        device.halt(BULK_IN)
        with pytest.raises(DeviceRefused):
            link.transmit(COMMAND)
        assert link.transmit(COMMAND) == ANSWER
        device.trouble = 2
        with pytest.raises(DeviceGone):
            link.transmit(COMMAND)


def test_commands_from_two_threads_wait_for_each_other():
    with link_to(VirtualCcid(card())) as link:
        link.power_on()
        wrong = []

        def many():
            for _ in range(100):
                if link.transmit(COMMAND) != ANSWER:
                    wrong.append(1)

        threads = [threading.Thread(target=many) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not wrong


@pytest.mark.parametrize("level", Level)
def test_the_virtual_reader_takes_anything_from_a_host(level):
    device = VirtualCcid(
        card(answer=lambda apdu: apdu[:4] + b"\x90\x00"), level=level, features=PLAIN, pin=lambda: "1234"
    )

    @settings(max_examples=150, deadline=None)
    @given(
        st.binary(max_size=40),
        st.sampled_from([0x61, 0x62, 0x63, 0x65, 0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, 0x72, 0x73, 0x00]),
    )
    def anything(data, kind):
        device.send(BULK_OUT, bytes((kind,)) + len(data).to_bytes(4, "little") + b"\0\1\0\0\0" + data)
        assert device.take(BULK_IN, 1000)
        device.send(BULK_OUT, data)
        device.reset()
        # The same with power; this card does not look at the length of what it is sent.
        device.send(BULK_OUT, bytes.fromhex("62000000000000000000"))
        device.send(BULK_OUT, bytes((kind,)) + len(data).to_bytes(4, "little") + b"\0\1\0\0\0" + data)
        device.reset()

    anything()


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_damage_ends_in_an_error_and_the_link_lives_on(data):
    device = Spoilt(card(T1_ATR), level=data.draw(st.sampled_from(list(Level))), features=PLAIN)
    limits = type(IMPATIENT)(answer_s=0.01, longest_s=0.03, abort_s=0.01)

    def damaged(message):
        kind = data.draw(st.sampled_from(["sound", "bit", "cut", "twice", "long", "other", "gone"]))
        if kind == "bit":
            at = data.draw(st.integers(0, 8 * len(message) - 1))
            return [message[: at // 8] + bytes((message[at // 8] ^ 1 << at % 8,)) + message[at // 8 + 1 :]]
        if kind == "cut":
            return [message[: data.draw(st.integers(0, len(message)))]]
        return {
            "sound": [message],
            "twice": [message, message],
            "long": [message + b"\0" * 70],
            "other": [data.draw(st.binary(max_size=30))],
            "gone": [],
        }[kind]

    with link_to(device, limits=limits) as link:
        device.spoil = damaged
        for _ in range(3):
            try:
                link.power_on()
                link.transmit(COMMAND)
            except DriverError as error:
                assert str(error)
        device.spoil = None
        link.reset()
        assert link.power_on() == T1_ATR
        assert link.transmit(COMMAND) == ANSWER
