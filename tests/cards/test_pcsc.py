"""Our cards seen through a real PC/SC stack: Debian's pcscd and vpcd, with opensc-tool and pyscard as judges."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.cards.pcsc_session import COMMANDS, YEAR

from countertop.cards.chip import image_of

pytestmark = pytest.mark.slow

CARDS = ("visa", "mastercard")
PROGRAMS = {
    "pcscd": "pcscd",
    "opensc-tool": "opensc",
    "unshare": "util-linux",
    "ip": "iproute2",
}
VPCD = Path("/etc/reader.conf.d/vpcd")
# Where programs for administrators are, which is not on everybody's path.
PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))
COUNTERTOP = (sys.executable, "-m", "countertop")


def missing() -> list[str]:
    """What the test needs and does not find."""
    lacking = [
        f"{program} (package {package})"
        for program, package in PROGRAMS.items()
        if not shutil.which(program, path=PATH)
    ]
    if not VPCD.exists():
        lacking.append(f"{VPCD} (package vsmartcard-vpcd)")
    if importlib.util.find_spec("smartcard") is None:
        lacking.append("pyscard (pip install 'countertop[pcsc]')")
    return lacking


@pytest.fixture(scope="module")
def seen() -> list[dict[str, Any]]:
    """What the PC/SC stack sees of the cards, in their order."""
    lacking = missing()
    if lacking:
        pytest.skip(f"missing: {', '.join(lacking)}; scripts/system_deps.sh installs them")
    as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    spaces = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    session = [sys.executable, str(Path(__file__).with_name("pcsc_session.py")), "\n".join(COUNTERTOP), *CARDS]
    done = subprocess.run(
        ["unshare", *as_root, *spaces, *session],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
        env=os.environ | {"PATH": PATH},
    )
    assert done.returncode == 0, done.stderr
    views: list[dict[str, Any]] = json.loads(done.stdout)
    return sorted(views, key=lambda view: len(view["atr"]))


@pytest.mark.parametrize("number", range(len(CARDS)))
def test_the_atr_is_ours(seen: list[dict[str, Any]], number: int) -> None:
    atr = image_of(CARDS[number], int(YEAR)).profile.atr
    assert seen[number]["atr"] == atr.hex().upper()
    assert seen[number]["opensc"].strip() == atr.hex(":"), seen[number]["errors"]
    assert seen[number]["protocol"] == f"T={number}"


@pytest.mark.parametrize("number", range(len(CARDS)))
def test_responses_are_those_of_card_apdu_byte_for_byte(seen: list[dict[str, Any]], number: int) -> None:
    alone = subprocess.run(
        [*COUNTERTOP, "card", "apdu", CARDS[number], "--year", YEAR, *COMMANDS],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert seen[number]["responses"] == alone.stdout.split()
    assert "9000" in {response[-4:] for response in seen[number]["responses"]}
