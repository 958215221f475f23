"""``pcsc:NAME``: without pyscard, without the service, and (slow) with Debian's pcscd over a served card."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cards.test_pcsc import COUNTERTOP, PATH, missing

import countertop_drivers as drivers


def test_without_pyscard(monkeypatch):
    monkeypatch.setitem(sys.modules, "smartcard", None)
    with pytest.raises(drivers.DriverUnavailable) as refusal:
        drivers.open("pcsc:ACR122")
    assert "countertop[pcsc]" in refusal.value.hint


def test_without_a_name():
    with pytest.raises(drivers.BadAddress, match="names no reader"):
        drivers.open("pcsc:")


@pytest.mark.slow
def test_a_real_service():
    lacking = missing()
    if lacking:
        pytest.skip(f"missing: {', '.join(lacking)}; scripts/system_deps.sh installs them")
    as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    spaces = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    session = [sys.executable, str(Path(__file__).with_name("pcsc_driver_session.py")), "\n".join(COUNTERTOP)]
    done = subprocess.run(
        ["unshare", *as_root, *spaces, *session],
        capture_output=True, text=True, timeout=100, check=False, env=os.environ | {"PATH": PATH},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    seen = json.loads(done.stdout)
    assert seen["without"] == "DriverUnavailable"
    assert seen["listed"][0].startswith("pcsc:Virtual PCD")
    assert seen["atr"] == seen["again"]
    assert seen["pse"].endswith("9000")
    assert seen["unknown"] == "6A82"
    assert (seen["went"], seen["absent"]) == (True, "CardAbsent")
