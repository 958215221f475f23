"""``vpcd:listen:PORT``: a served card connects, pays attention, hangs up; and strangers who say anything."""

from __future__ import annotations

import socket
import threading
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import countertop_drivers as drivers
from countertop.cards.chip import VirtualChip, image_of
from countertop.cards.chip.vpcd import serve
from countertop_drivers.vpcd import VpcdLink

PSE = bytes.fromhex("00A404000E315041592E5359532E444446303100")


def chip(tpdu=False):
    return VirtualChip(image_of("visa", 2026), pin="1234", random=Random(1).randbytes, tpdu=tpdu)


@pytest.mark.parametrize("tpdu", [False, True])
def test_a_served_card(tpdu):
    with drivers.open_card("vpcd:listen:0") as link:
        assert link.present is False
        stop = threading.Event()
        card = chip(tpdu)
        server = threading.Thread(
            target=serve, args=(card, "127.0.0.1", link.port), kwargs={"stop": stop, "say": lambda text: None}
        )
        server.start()
        try:
            assert link.wait(True, 10)
            assert link.power_on() == card.image.profile.atr
            assert b"1PAY.SYS.DDF01" in link.transmit(PSE)
            # A card that speaks T=0 says 61xx where there is no Le.
            assert b"1PAY.SYS.DDF01" in link.transmit(PSE[:-1])
            assert link.power_on() == card.image.profile.atr
        finally:
            stop.set()
            server.join(10)
        assert link.wait(False, 10)
        with pytest.raises(drivers.CardAbsent):
            link.power_on()


def test_the_port_is_taken():
    with VpcdLink("127.0.0.1", 0) as link, pytest.raises(drivers.BadAddress, match="Cannot listen"):
        drivers.open(f"vpcd:listen:{link.port}")


def test_after_closing():
    link = VpcdLink("127.0.0.1", 0)
    link.close()
    link.close()
    with pytest.raises(drivers.DeviceGone):
        _ = link.present


def test_a_card_that_falls_silent():
    with VpcdLink("127.0.0.1", 0, timeout_s=0.1) as link:
        with socket.create_connection(("127.0.0.1", link.port)):
            assert link.wait(True, 5)
            with pytest.raises(drivers.DeviceTimeout):
                link.power_on()
        assert link.present is False


def test_the_bytes():
    with VpcdLink("127.0.0.1", 0, timeout_s=5) as link, socket.create_connection(("127.0.0.1", link.port)) as card:
        card.settimeout(5)
        heard = b""

        def play():
            nonlocal heard
            for end, answer in ((b"\0\1\4", b"\0\2\x3b\0"), (b"\0\4\0\1\2\3", b"\0\2\x90\0"), (b"\0\1\0", b"")):
                message = b""
                while not message.endswith(end):
                    message += card.recv(1)
                heard += message
                card.sendall(answer)

        player = threading.Thread(target=play)
        player.start()
        assert link.wait(True, 5)
        assert link.power_on() == b"\x3b\0"
        assert link.transmit(b"\0\1\2\3") == b"\x90\0"
        link.power_off()
        player.join(5)
    assert heard.hex() == "000101000104000400010203000100"


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=30))
def test_strangers(noise):
    with VpcdLink("127.0.0.1", 0, timeout_s=0.05) as link:
        for _ in range(2):
            with socket.create_connection(("127.0.0.1", link.port)) as card:
                link.wait(True, 5)
                card.sendall(noise)
                try:
                    link.power_on()
                    link.transmit(b"\0\1\2\3")
                except drivers.DriverError as error:
                    assert str(error)
            link.wait(False, 5)
