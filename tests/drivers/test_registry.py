"""Names of devices, and the loop driver."""

from __future__ import annotations

import subprocess
import sys

import pytest

import countertop_drivers as drivers
from countertop_drivers import registry
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


def test_every_built_in_driver_can_be_loaded():
    for scheme in registry.BUILT_IN:
        with pytest.raises(drivers.BadAddress):
            drivers.open(f"{scheme}:")


def test_an_unknown_scheme_names_the_known_ones():
    with pytest.raises(drivers.UnknownDriver, match="no driver for 'pcsc'") as refusal:
        drivers.open("pcsc:0")
    assert "loop, replay" in refusal.value.hint
    with pytest.raises(drivers.UnknownDriver, match="names no device") as refusal:
        drivers.open("loop")
    assert "scheme:details" in refusal.value.hint


def test_drivers_of_other_packages(plugged):
    assert drivers.open("acme:3B:00").power_on() == b"3B:00"
    with pytest.raises(drivers.DriverUnavailable, match="'gone' \\(acme:open_link\\) cannot be loaded: ImportError"):
        drivers.open("gone:1")
    assert drivers.schemes() == {
        "acme": "acme:open_link",
        "gone": "acme:open_link",
        "loop": "built in",
        "replay": "built in",
    }
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
