"""The card link: the emulator and the drivers state it each for itself; this holds the two together."""

from __future__ import annotations

import inspect
import typing

import pytest

import countertop_drivers
import countertop_firmware
from countertop.cards.link import CardLink
from countertop_drivers.loop import LoopLink
from countertop_drivers.replay import ReplayLink

MEMBERS = ["power_off", "power_on", "present", "transmit"]


def links(tmp_path):
    trace = tmp_path / "one.apdu"
    trace.write_text(countertop_firmware.trace_path("visa_select").read_text())
    return [LoopLink(b"\x3b\x00"), countertop_drivers.open("loop:3B00"), ReplayLink.from_details(str(trace))]


def public(protocol: type) -> list[str]:
    return sorted(name for name in vars(protocol) if not name.startswith("_"))


def test_both_sides_state_the_same_protocol():
    theirs = countertop_drivers.Card
    assert public(CardLink) == public(theirs) == MEMBERS
    for name in ("power_on", "transmit", "power_off"):
        ours, other = getattr(CardLink, name), getattr(theirs, name)
        assert inspect.signature(ours) == inspect.signature(other)
        assert typing.get_type_hints(ours) == typing.get_type_hints(other)
    assert typing.get_type_hints(CardLink.present.fget) == typing.get_type_hints(theirs.present.fget)


def test_every_driver_keeps_it(tmp_path):
    for link in links(tmp_path):
        assert isinstance(link, CardLink)
        assert link.present is True
        answer = link.power_on()
        assert isinstance(answer, bytes)
        assert link.power_on() == answer
        link.power_off()
        link.power_off()
        with pytest.raises(OSError, match="no power"):
            link.transmit(b"\x00\xa4\x04\x00")


def test_a_drivers_failure_is_an_oserror():
    # The readers know OSError only: they never import the drivers.
    assert issubclass(countertop_drivers.DriverError, OSError)
