"""The data package on its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

import countertop_firmware
from countertop.readers.models import shelf


def test_names_and_contents():
    assert "bbpos_wisepos_e" in countertop_firmware.model_names()
    model = countertop_firmware.read_model("bbpos_wisepos_e")
    assert model["simulated"] == {
        "device_type": "simulated_wisepos_e",
        "registration_code": "simulated-wpe",
        "serial": "simulated-wpe-???-???-??-???",
        "ip_address": "0.0.0.0",
    }
    assert countertop_firmware.read_sku("bbpos_wisepos_e_us")["config"] == "szzz_us_v19"


def test_every_file_is_used():
    for name in countertop_firmware.sku_names():
        sku = countertop_firmware.read_sku(name)
        assert sku["model"] in countertop_firmware.model_names()
        for country in sku["countries"]:
            assert shelf().variant(sku["model"], country).name == name


@pytest.mark.parametrize("read", [countertop_firmware.read_model, countertop_firmware.read_sku])
@pytest.mark.parametrize("name", ["abacus", "", "../skus/bbpos_wisepos_e_us", "README.md"])
def test_an_unknown_name_lists_the_known_ones(read, name):
    with pytest.raises(FileNotFoundError, match=r"there are: .*bbpos_wisepos_e"):
        read(name)


def test_every_trace_is_a_recording():
    from countertop_drivers.recording.text import either

    assert {"visa_contact_sale", "visa_select", "visa_swipe"} <= set(countertop_firmware.trace_names())
    for name in countertop_firmware.trace_names():
        assert either(str(countertop_firmware.trace_path(name))).frames
    with pytest.raises(FileNotFoundError, match=r"there are: .*visa_select"):
        countertop_firmware.trace_path("../README")


def test_it_imports_nothing_of_ours():
    script = (
        "import sys, countertop_firmware as f; f.read_model('bbpos_wisepos_e'); "
        "print(sorted(m for m in sys.modules if m.startswith('countertop') and m != 'countertop_firmware'))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
