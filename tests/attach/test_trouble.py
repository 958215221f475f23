"""``countertop attach`` when something goes wrong, or is asked for twice."""

from __future__ import annotations

import signal

import pytest
from air_card import chip_of
from tests.attach.test_devices import somebodys, usb
from tests.cards.hands import make

from countertop.client import RequestRefused
from countertop_drivers.virtual.acr122 import VirtualAcr122
from countertop_drivers.virtual.ccid import VirtualCcid
from countertop_drivers.virtual.pn532 import VirtualPn532
from countertop_drivers.virtual.serial_ends import TcpEnd
from countertop_drivers.virtual.usbip import UsbipServer

# Each case is a process of its own: the quick ones are in test_devices.py, and over the control API in tests/server.
pytestmark = pytest.mark.slow


class Pulled:
    """A card that leaves its reader before the n-th command."""

    def __init__(self, inner, after):
        self.inner, self.left, self.device = inner, after, None

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def transmit(self, apdu):
        self.left -= 1
        if self.left == 0:
            self.device.remove()
            raise OSError("pulled")
        return self.inner.transmit(apdu)


def test_a_card_pulled_while_it_is_read_is_wanted_again(counter, attach):
    card = Pulled(make("visa"), 5)
    card.device = device = VirtualCcid(card)
    with usb("ccid", device) as url:
        intent = counter.ask()
        attached = attach(url)
        attached.sees("Card removed too early")
        attached.sees("The card is gone.")
        card.left = 0
        device.insert(card)
        attached.sees("Approved")
        assert counter.charge(intent).paid


def test_a_tap_that_is_too_short(counter, attach):
    card = Pulled(chip_of("visa"), 2)
    card.device = device = VirtualPn532(card)
    with TcpEnd(device) as end:
        intent = counter.ask()
        attached = attach(f"pn532:serial:socket://127.0.0.1:{end.port}")
        attached.sees("The card is gone.")
        card.left = 0
        device.insert(card)
        attached.sees("Approved")
        assert counter.charge(intent).paid


def test_a_device_that_is_unplugged_and_comes_back(counter, attach):
    device = VirtualCcid(None)
    server = UsbipServer({"1-1": device}, port=0)
    port = server.port
    attached = attach(f"ccid:usbip:127.0.0.1:{port}")
    intent = counter.ask()
    server.close()
    attached.sees("Waiting for it to come back.")
    device = VirtualCcid(make("visa"))
    with UsbipServer({"1-1": device}, port=port):
        attached.sees("The device is back.")
        attached.sees("Approved")
        assert counter.charge(intent).paid


def test_a_device_that_goes_in_the_middle_of_a_sale(counter, attach):
    server = None

    class Unplugging(Pulled):
        def transmit(self, apdu):
            self.left -= 1
            if self.left == 0:
                self.device.unplug()
                raise OSError("unplugged")
            return self.inner.transmit(apdu)

    card = Unplugging(make("visa"), 6)
    card.device = VirtualCcid(card)
    server = UsbipServer({"1-1": card.device}, port=0)
    counter.ask()
    attached = attach(f"ccid:usbip:127.0.0.1:{server.port}")
    attached.sees("Waiting for it to come back.")
    server.close()
    counter.until(lambda: counter.control.reader(counter.reader.id)["state"] == "waiting")
    assert counter.action()["status"] == "in_progress", "the sale still waits for a card"


def test_the_server_lets_go(counter, attach):
    with usb("ccid", VirtualCcid(make("visa"))) as url:
        attached = attach(url)
        [shown] = counter.control.attachments()
        assert (shown["device"], shown["how"], shown["allowed"]) == (url, "insert", [])
        assert counter.control.reader(counter.reader.id)["attached"] == url
        counter.control.detach(counter.reader.id)
        attached.sees("The server let the device go.")
        assert attached.ends() == 0
        assert counter.control.attachments() == []
        assert counter.control.reader(counter.reader.id)["attached"] is None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_process_lets_go(counter, attach, number):
    with usb("ccid", VirtualCcid(make("visa"))) as url:
        attached = attach(url)
        attached.sees("A card is there.")
        assert attached.stop(number) == 0
        assert attached.said[-1] == "Let go."
        counter.until(lambda: counter.control.attachments() == [])


def test_a_process_that_is_killed_in_the_middle_of_a_sale(counter, attach):
    class Deaf(Pulled):
        def transmit(self, apdu):
            attached.stop(signal.SIGKILL)
            raise OSError("nobody hears it")

    card = Deaf(make("visa"), 0)
    with usb("ccid", VirtualCcid(card)) as url:
        attached = attach(url)
        attached.sees("A card is there.")
        counter.ask()
        counter.until(lambda: counter.control.attachments() == [])
        counter.until(lambda: counter.control.reader(counter.reader.id)["state"] == "waiting")
        with usb("acr122", VirtualAcr122(chip_of("visa"))) as other:
            attach(other).sees("Approved")


def test_a_world_that_is_replaced_detaches(counter, attach):
    with usb("ccid", VirtualCcid(make("visa"))) as url:
        attached = attach(url)
        counter.control.reset()
        assert attached.ends() in (0, 1)
        assert any("let the device go" in line for line in attached.said)
        assert counter.control.attachments() == []


def test_one_device_for_one_reader(counter, attach):
    with usb("ccid", VirtualCcid()) as url, usb("acr122", VirtualAcr122()) as other:
        attach(url)
        second = attach(other, ready=False)
        assert second.ends() == 1
        assert f"{url} is attached to this reader" in second.said[-1]


@pytest.mark.parametrize(
    ("device", "says"),
    [
        ("nonsense", "names no device"),
        ("warp:core", "There is no driver for 'warp'"),
        ("ccid:nowhere", "is no address of this driver"),
        ("pn532:serial:/dev/nothing", "There is no serial port /dev/nothing"),
        ("ccid:usbip:127.0.0.1:1", "No USB/IP server at 127.0.0.1:1"),
    ],
)
def test_what_cannot_be_opened_is_one_line(counter, attach, device, says):
    attached = attach(device, ready=False)
    assert attached.ends() == 1
    [line] = attached.said
    assert line.startswith("countertop: ")
    assert says in line


def test_no_such_reader(counter):
    with pytest.raises(RequestRefused, match="no reader"), counter.control.attaching("tmr_nobody", "x:y", "insert"):
        pass


class Watched:
    """A card that remembers its commands."""

    def __init__(self, inner):
        self.inner, self.heard = inner, []

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def transmit(self, apdu):
        self.heard.append(apdu)
        return self.inner.transmit(apdu)


def sale(counter, attach, card, *options):
    device = VirtualCcid(card)
    with usb("ccid", device) as url:
        intent = counter.ask()
        attached = attach(url, *options)
        if "--allow" in options and "pin" in options:
            attached.sees("Enter PIN")
            counter.reader.enter_pin("1234")
        attached.sees("Approved")
        return counter.charge(intent), attached


def instructions(card):
    return [(apdu[1], apdu[2] & 0xC0 if apdu[1] == 0xAE else None) for apdu in card.heard]


VERIFY, TC = (0x20, None), (0xAE, 0x40)


def test_a_card_is_sent_no_pin_and_no_tc(counter, attach):
    card = Watched(make("offline_pin_cvm"))
    sale(counter, attach, card)
    sent = instructions(card)
    assert VERIFY not in sent
    assert TC not in sent
    assert sent[-1] == (0xAE, 0x00), "it is let go with an AAC"


def test_unless_it_is_allowed(counter, attach):
    card = Watched(make("offline_pin_cvm"))
    _, attached = sale(counter, attach, card, "--allow", "pin", "--allow", "tc")
    assert "ALLOWED" in "\n".join(attached.said)
    sent = instructions(card)
    assert VERIFY in sent
    assert TC in sent


def test_scripts_are_held_back(counter, attach):
    card = Watched(make("visa"))
    counter.control.send_script("visa", "unblock_pin")
    sale(counter, attach, card, "--allow", "tc")
    assert not any(apdu[0] == 0x84 for apdu in card.heard)


def test_scripts_are_handed_over_when_they_are_allowed(counter, attach):
    card = Watched(make("visa"))
    counter.control.send_script("visa", "unblock_pin")
    sale(counter, attach, card, "--allow", "tc", "--allow", "scripts")
    assert any(apdu[:2] == b"\x84\x24" for apdu in card.heard)


def test_a_card_is_never_asked_for_the_pin_that_nobody_may_keep(counter, attach):
    card = Watched(somebodys("online_pin_cvm"))
    charge, _ = sale(counter, attach, card)
    assert charge.paid
