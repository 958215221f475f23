"""The ACR122U: its own commands, and a contactless card through it (card-hardware.md C.1)."""

import pytest
from usb_bench import ATS, card, echo

from countertop_drivers import BadAddress, CardAbsent, CardMute, DeviceGone, DeviceRefused, ProtocolError, acr122
from countertop_drivers.loop import LoopLink
from countertop_drivers.virtual.acr122 import UID, VirtualAcr122, atr_of_ats
from countertop_drivers.virtual.ccid import VirtualCcid
from countertop_drivers.virtual.usb_backend import virtual_backend

COMMAND = bytes.fromhex("80A8000400")
ANSWER = bytes.fromhex("000102039000")


@pytest.fixture
def device():
    return VirtualAcr122(card(ATS))


@pytest.fixture
def link(device):
    with acr122.open_url("usb", backend=virtual_backend(device)) as link:
        yield link


def test_a_card_is_named_by_its_ats(link):
    assert link.power_on() == ATS
    assert link.atr == atr_of_ats(ATS)
    assert link.atr.hex() == "3b858001" + ATS[5:].hex() + link.atr[-1:].hex()
    assert link.uid() == UID
    assert link.transmit(COMMAND) == ANSWER
    with pytest.raises(BadAddress, match="reader's own"):
        link.transmit(bytes.fromhex("FFCA000000"))


def test_the_readers_own_commands_with_and_without_a_card(link, device):
    for _ in range(2):
        assert link.firmware() == "ACR122U214"
        assert link.polling() == 0xFF
        assert link.polling(acr122.AUTO_POLL | acr122.TYPE_A) == 0x81
        assert link.polling(0xFF) == 0xFF
        link.light(red=True, green=False, beep_ms=200)
        assert device._leds == 1
        link.beep_on_card(False)
        assert link.pn532(bytes.fromhex("D402")).hex() == "d50332010607"
        device.remove()
    with pytest.raises(CardAbsent):
        link.power_on()
    with pytest.raises(DeviceRefused) as refusal:
        link.uid()
    assert refusal.value.code == 0x6300


def test_the_pn532_inside(link):
    assert link.pn532(bytes.fromhex("D4320101")).hex() == "d533"
    found = link.pn532(bytes.fromhex("D44A0100"))
    assert found == bytes.fromhex("D54B010100042004") + UID + ATS
    assert link.pn532(bytes.fromhex("D44001") + COMMAND) == b"\xd5\x41\0" + ANSWER
    assert link.pn532(bytes.fromhex("D44A0103")).hex() == "d54b00", "no card of type B"
    assert link.pn532(bytes.fromhex("D44001") + COMMAND).hex() == "d54127", "it was let go of"
    assert link.pn532(bytes.fromhex("D45200")).hex() == "d55300"
    with pytest.raises(DeviceRefused, match="PN532 refuses the command"):
        link.pn532(bytes.fromhex("D499"))
    with pytest.raises(BadAddress):
        link.pn532(b"\xd4")


def test_what_the_reader_says_in_the_cards_place():
    words = {1: b"\x63\x01", 2: b"\x63\x27", 3: b"\x63\x00"}
    device = VirtualAcr122(LoopLink(ATS, lambda apdu: words.get(apdu[3]) or echo(apdu)))
    with acr122.open_url("usb", backend=virtual_backend(device)) as link:
        link.power_on()
        for number in (1, 2):
            with pytest.raises(CardMute):
                link.transmit(bytes((0x80, 0xA8, 0, number)))
        assert link.transmit(bytes.fromhex("80A80003")) == b"\x63\x00", "cards say that, too"


def test_an_answer_to_something_else():
    device = VirtualAcr122(card(ATS))
    device.chip.command = lambda command: b"\xd5\x99"
    with acr122.open_url("usb", backend=virtual_backend(device)) as link, pytest.raises(ProtocolError):
        link.pn532(bytes.fromhex("D402"))


def test_which_devices_are_meant():
    backend = virtual_backend(VirtualCcid(), VirtualAcr122(card(ATS)))
    assert [one.url for one in acr122.discover(1, backend=backend)] == ["acr122:usb:bus=1,addr=2"]
    with acr122.open_url("usb", backend=backend) as link:
        assert link.power_on() == ATS
    with pytest.raises(DeviceGone):
        acr122.open_url("usb", backend=virtual_backend(VirtualCcid()))
    relative = VirtualAcr122(card(ATS))
    with acr122.open_url("usb:072f:2200", backend=virtual_backend(relative)) as link:
        assert link.power_on() == ATS


def test_a_phone_without_historical_bytes():
    assert atr_of_ats(bytes.fromhex("0578807002")).hex() == "3b80800101"
    assert atr_of_ats(b"\x01").hex() == "3b80800101"
