"""Names of devices, and the loop driver."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from importlib import import_module

import pytest

import countertop_drivers as drivers
from countertop_drivers import registry
from countertop_drivers.discovery import ask_all
from countertop_drivers.loop import LoopLink


class Point:
    def __init__(self, name, target):
        self.name, self.value, self._target = name, "acme:open_link", target

    def load(self):
        if self._target is None:
            raise ImportError("no module named acme")
        return self._target


@pytest.fixture
def plugged(monkeypatch):
    points = [
        Point("acme", lambda details: LoopLink(details.encode())),
        Point("gone", None),
        Point("loop", None),
    ]

    def entry_points(group, name=None):
        assert group == "countertop.drivers"
        return [point for point in points if name in (None, point.name)]

    monkeypatch.setattr(registry, "entry_points", entry_points)


@pytest.mark.parametrize("scheme", registry.BUILT_IN)
def test_every_built_in_driver_can_be_loaded(scheme):
    with pytest.raises(drivers.BadAddress):
        drivers.open(f"{scheme}:")


@pytest.mark.parametrize("scheme", registry.DISCOVERING)
def test_every_driver_that_looks_for_devices_can(scheme):
    module = import_module(registry.BUILT_IN[scheme].partition(":")[0])
    assert callable(module.discover)


def test_an_unknown_scheme_names_the_known_ones():
    with pytest.raises(drivers.UnknownDriver, match="no driver for 'nfc'") as refusal:
        drivers.open("nfc:0")
    assert "acr122, ccid, loop" in refusal.value.hint
    with pytest.raises(drivers.UnknownDriver, match="names no device") as refusal:
        drivers.open("loop")
    assert "scheme:details" in refusal.value.hint


def test_drivers_of_other_packages(plugged):
    assert drivers.open("acme:3B:00").power_on() == b"3B:00"
    with pytest.raises(drivers.DriverUnavailable, match="'gone' \\(acme:open_link\\) cannot be loaded: ImportError"):
        drivers.open("gone:1")
    plugged_in = {"acme": "acme:open_link", "gone": "acme:open_link"}
    assert drivers.schemes() == plugged_in | dict.fromkeys(registry.BUILT_IN, "built in")
    assert drivers.open("loop:3B00").power_on() == b"\x3b\x00"


def test_a_loop_answers_with_a_function():
    link = LoopLink(b"\x3b\x00", lambda apdu: apdu[::-1] + b"\x90\x00")
    assert link.power_on() == b"\x3b\x00"
    assert link.transmit(b"\x01\x02\x03\x04") == b"\x04\x03\x02\x01\x90\x00"


def test_a_loop_by_url_knows_no_command():
    link = drivers.open("loop:3B 65 00 00 20 63 CB A0")
    assert link.power_on() == bytes.fromhex("3B6500002063CBA0")
    assert link.transmit(b"\x00\xa4\x04\x00") == b"\x6d\x00"


def test_a_loops_card_can_be_taken_away():
    link = LoopLink(b"\x3b\x00")
    link.power_on()
    link.take_away()
    assert link.present is False
    with pytest.raises(drivers.CardAbsent):
        link.transmit(b"\x00\xa4\x04\x00")
    with pytest.raises(drivers.CardAbsent):
        link.power_on()
    link.put_back()
    assert link.power_on() == b"\x3b\x00"


@pytest.mark.parametrize("details", ["", "3B", "xyz", "3B0", "00" * 34])
def test_a_loop_without_a_usable_atr(details):
    with pytest.raises(drivers.BadAddress, match="no usable ATR"):
        drivers.open(f"loop:{details}")


def test_the_drivers_need_no_emulator():
    script = (
        "import sys, countertop_drivers as d; d.open('loop:3B00').power_on(); "
        "ours = ('countertop', 'countertop_firmware', 'pydantic'); "
        "print(sorted(m for m in sys.modules if m.split('.')[0] in ours))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


def test_a_plug_in_may_give_the_four_members_of_a_card_only(plugged, monkeypatch):
    class Small:
        present = True
        powered = 0

        def power_on(self):
            self.powered += 1
            return b"\x3b\x00"

        def transmit(self, apdu):
            return b"\x90\x00"

        def power_off(self):
            self.powered = 0

    small = Small()
    monkeypatch.setattr(registry, "entry_points", lambda group, name=None: [Point("acme", lambda details: small)])
    with drivers.open_card("acme:1") as link:
        assert link.power_on() == b"\x3b\x00"
        assert link.wait(True, 0)
        assert not link.wait(False, 0)
    assert small.powered == 0
    monkeypatch.setattr(registry, "entry_points", lambda group, name=None: [Point("acme", lambda details: object())])
    with pytest.raises(drivers.DriverUnavailable, match="neither a card link nor a swipe link"):
        drivers.open("acme:1")


def test_a_slot_is_no_reader_of_stripes():
    assert drivers.open_card("loop:3B00").power_on() == b"\x3b\x00"
    with pytest.raises(drivers.BadAddress, match="reads no stripes"):
        drivers.open_swipe("loop:3B00")


def test_everybody_is_asked_at_once_and_nobody_is_waited_for_too_long():
    never = threading.Event()

    def fails(timeout_s):
        raise drivers.DriverUnavailable("no libusb", "install it")

    def breaks(timeout_s):
        raise KeyError("x")

    begun = time.monotonic()
    listing = ask_all(
        {
            "slow": lambda timeout_s: never.wait(20) and [],
            "two": lambda timeout_s: [drivers.Found("two:b"), drivers.Found("two:a", "A")],
            "fails": fails,
            "breaks": breaks,
            "one": lambda timeout_s: [drivers.Found("one:1")],
        },
        0.2,
    )
    never.set()
    assert 0.15 < time.monotonic() - begun < 2
    assert [one.url for one in listing.found] == ["one:1", "two:a", "two:b"]
    assert sorted(listing.problems) == ["breaks", "fails", "slow"]
    assert listing.problems["fails"].hint == "install it"
    assert "KeyError" in str(listing.problems["breaks"])
    assert isinstance(listing.problems["slow"], TimeoutError)


def test_plug_ins_are_asked_too(monkeypatch):
    def acme(details):
        raise AssertionError

    acme.discover = lambda timeout_s: [drivers.Found("acme:1", "ours")]
    monkeypatch.setattr(registry, "entry_points", lambda group, name=None: [Point("acme", acme)])
    monkeypatch.setattr(registry, "DISCOVERING", ())
    assert drivers.list_devices(2).found == [drivers.Found("acme:1", "ours")]
