"""Where a device is: every form of address, and what is said about the wrong ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countertop_drivers import BadAddress
from countertop_drivers.address import Address, ListenAddress, SerialAddress, UsbAddress

KINDS = ("usb", "hid", "serial", "listen")
GOOD = {
    "usb": UsbAddress(),
    "usb:072f:2200": UsbAddress(0x072F, 0x2200),
    "usb:bus=1,addr=5": UsbAddress(bus=1, addr=5),
    "usb:072f:2200:slot=1": UsbAddress(0x072F, 0x2200, slot=1),
    "usb:bus=1,addr=5,interface=2,slot=3": UsbAddress(bus=1, addr=5, interface=2, slot=3),
    "hid:0801:0002": UsbAddress(0x0801, 0x0002, kind="hid"),
    "serial:/dev/ttyUSB0": SerialAddress("/dev/ttyUSB0"),
    "serial:/dev/ttyUSB0?baud=115200": SerialAddress("/dev/ttyUSB0", 115200),
    "serial:COM3?baud=9600": SerialAddress("COM3", 9600),
    "serial:socket://127.0.0.1:7000": SerialAddress("socket://127.0.0.1:7000"),
    "serial:loop://": SerialAddress("loop://"),
    "serial:spy:///dev/ttyUSB0?file=a.txt&baud=9600": SerialAddress("spy:///dev/ttyUSB0?file=a.txt", 9600),
    "listen:35963": ListenAddress("127.0.0.1", 35963),
    "listen:127.0.0.1:0": ListenAddress("127.0.0.1", 0),
    "listen:[::1]:35963": ListenAddress("::1", 35963),
}
BAD = [
    "", "usb:", "usb:072f", "usb:072f:22000", "usb:072g:2200", "usb:072f:2200:", "usb:bus=1:addr=5", "usb:bus=256",
    "usb:bus=-1", "usb:bus=", "usb:speed=1", "usb:bus=1,bus=2", "usb:bus=١", "USB", "serial", "serial:",
    "serial:?baud=9600", "serial:/dev/x?baud=10", "serial:/dev/x?baud=fast", "serial:/dev/x?parity=E",
    "serial:/dev/x?baud=9600&baud=9600", "listen", "listen:", "listen:70000", "listen:::1:80", "listen::80",
    "listen:localhost", "tty:/dev/x",
]  # fmt: skip


@pytest.mark.parametrize("text", GOOD)
def test_every_form(text):
    address = Address.parse(text, *KINDS)
    assert address == GOOD[text]
    assert Address.parse(str(address), *KINDS) == address


@pytest.mark.parametrize("text", BAD)
def test_what_is_wrong_is_refused_with_what_would_be_right(text):
    with pytest.raises(BadAddress) as refusal:
        Address.parse(text, *KINDS)
    assert refusal.value.hint.startswith("Write ")


def test_a_kind_that_the_driver_does_not_take():
    with pytest.raises(BadAddress, match="no address of this driver") as refusal:
        Address.parse("serial:/dev/ttyUSB0", "usb")
    assert "usb:072f:2200" in refusal.value.hint
    assert "serial" not in refusal.value.hint


@given(st.text(max_size=40) | st.sampled_from(list(GOOD)).flatmap(lambda good: st.text(max_size=6).map(good.__add__)))
def test_any_text(text):
    try:
        address = Address.parse(text, *KINDS)
    except BadAddress:
        return
    assert Address.parse(str(address), *KINDS) == address
