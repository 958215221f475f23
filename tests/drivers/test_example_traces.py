"""The recordings that come with us: they are what their script makes, and a whole sale can be paid from one."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

import countertop_drivers as drivers
import countertop_firmware
from countertop_drivers.recording import read

SCRIPT = Path(__file__).parents[2] / "scripts" / "record_example_traces.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("record_example_traces", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def url(name: str) -> str:
    return f"replay:{countertop_firmware.trace_path(name)}"


def test_they_are_what_the_script_makes(script, tmp_path):
    script.record_all(tmp_path)
    made = {path.stem: path.read_bytes() for path in tmp_path.iterdir()}
    assert sorted(made) == ["visa_contact_sale", "visa_swipe"]
    for name, content in made.items():
        assert content == countertop_firmware.trace_path(name).read_bytes(), f"{name} is old: run {SCRIPT.name}"
        recording = read(str(countertop_firmware.trace_path(name)))
        assert recording.masked, "recorded as anybody's card would be"
        assert recording.hidden is None, "and there was nothing to hide"


def test_a_whole_sale_from_a_recording(script):
    with drivers.open_card(url("visa_contact_sale")) as link:
        assert link.wait(True, 0)
        outcome = script.sale(link, script.image())
        assert link.finished
    assert (outcome.result, outcome.reason) == ("approved", "approved"), outcome.why
    assert outcome.data[0x5A] == bytes.fromhex("4242424242424242")
    assert outcome.data[0x9F27] == b"\x40", "a TC"


def test_another_amount_is_not_the_recorded_one(script):
    link = drivers.open_card(url("visa_contact_sale"))
    with pytest.raises(drivers.TraceError) as refusal:
        script.sale(link, script.image(), 1251)
    said = str(refusal.value).splitlines()
    assert said[0].endswith("visa_contact_sale.json, line 26: the command differs from byte 10 on.")
    assert said[1].startswith("  expected 80AE90001D000000001250")
    assert said[1].endswith("GENERATE AC (ARQC)")
    assert said[2].startswith("  got      80AE90001D000000001251")
    assert said[3] == " " * 11 + "  " * 10 + "^^"


def test_a_swipe_from_a_recording():
    with drivers.open_swipe(url("visa_swipe")) as link:
        swipe = link.read(0)
        assert link.read(0) is None
    assert swipe is not None
    first, second, third = swipe.tracks
    assert first is not None
    assert first.startswith(b"B4242424242424242^")
    assert second is not None
    assert second.startswith(b"4242424242424242=")
    assert third is None
