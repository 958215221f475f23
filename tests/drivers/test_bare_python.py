"""The drivers alone: their folder copied to a Python that has nothing else, or only pyserial, or only pyusb."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import countertop_drivers
import countertop_firmware

DRIVERS = Path(countertop_drivers.__file__).parent
LIBRARIES = {"nothing": None, "pyserial": "serial", "pyusb": "usb"}
PSE = "00A404000E315041592E5359532E444446303100"
WHAT_IS_IMPORTED = """
import sys
sys.path.insert(0, sys.argv.pop(1))
import countertop_drivers.{module}
known = sys.stdlib_module_names
print(sorted({{name.partition(".")[0] for name in sys.modules}} - known - {{"__main__", "countertop_drivers"}}))
"""
RUN = """
import runpy, sys
sys.path.insert(0, sys.argv.pop(1))
sys.argv[0] = "countertop_drivers"
runpy.run_module("countertop_drivers", run_name="__main__", alter_sys=True)
"""


class Bare:
    """A Python without site-packages, beside which the drivers' folder lies, with one library or none."""

    def __init__(self, folder: Path, library: str | None) -> None:
        self.folder = folder
        shutil.copytree(DRIVERS, folder / "countertop_drivers", ignore=shutil.ignore_patterns("__pycache__"))
        if library is not None:
            spec = importlib.util.find_spec(library)
            assert spec is not None
            assert spec.origin is not None
            shutil.copytree(Path(spec.origin).parent, folder / library, ignore=shutil.ignore_patterns("__pycache__"))

    def script(self, text: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Run it: isolated from the environment and the user's folders, and without site-packages."""
        command = [sys.executable, "-I", "-S", "-B", "-W", "error", "-c", text, str(self.folder), *words]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=60, check=False, cwd=self.folder, env={"LANG": "C.UTF-8"}
        )

    def run(self, *words: str) -> tuple[int, list[str], str]:
        """``python -m countertop_drivers …``: exit status, lines, and errors."""
        done = self.script(RUN, *words)
        return done.returncode, done.stdout.splitlines(), done.stderr.strip()


@pytest.fixture(scope="module", params=LIBRARIES)
def bare(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Bare:
    return Bare(tmp_path_factory.mktemp("bare"), LIBRARIES[request.param])


@pytest.fixture(scope="module")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> Bare:
    return Bare(tmp_path_factory.mktemp("nothing"), None)


def modules() -> list[str]:
    """Every module of the drivers, as they are named within."""
    found = []
    for path in sorted(DRIVERS.rglob("*.py")):
        parts = path.relative_to(DRIVERS).with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__")
        if name and name != "__main__":
            found.append(name)
    return found


def test_there_is_nothing_else(nothing: Bare) -> None:
    done = nothing.script("import sys; sys.path.insert(0, sys.argv[1]); import pydantic")
    assert "No module named 'pydantic'" in done.stderr
    done = nothing.script("import sys; sys.path.insert(0, sys.argv[1]); import countertop")
    assert "No module named 'countertop'" in done.stderr


def test_every_module_comes_with_the_standard_library_alone(nothing: Bare) -> None:
    text = "\nimport ".join(["import countertop_drivers", *(f"countertop_drivers.{name}" for name in modules())])
    done = nothing.script(WHAT_IS_IMPORTED.replace("import countertop_drivers.{module}", text).format())
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("module", ["registry", "command_line", "aio", "recording", "ccid.driver", "pn532.driver"])
def test_nothing_is_imported_before_it_is_used(bare: Bare, module: str) -> None:
    done = bare.script(WHAT_IS_IMPORTED.format(module=module))
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_schemes_and_a_card_that_is_a_function(bare: Bare) -> None:
    status, lines, errors = bare.run("schemes")
    assert (status, errors) == (0, "")
    assert "ccid     built in" in lines
    assert bare.run("apdu", "loop:3B00", PSE) == (
        0,
        ["3B00", f"> {PSE}  SELECT 1PAY.SYS.DDF01", "< 6D00  instruction unknown"],
        "",
    )


def test_recordings(bare: Bare, tmp_path: Path) -> None:
    sale = str(countertop_firmware.trace_path("visa_contact_sale"))
    assert bare.run("trace", sale)[1][-1] == "   116.000 ms > power off"
    assert bare.run("apdu", f"replay:{sale}", PSE)[1][2].startswith("< 6F1E840E315041592E")
    copy = tmp_path / "copy.json"
    assert bare.run("apdu", "loop:3B00", PSE, "--record", str(copy))[0] == 0
    assert bare.run("probe", f"replay:{copy}")[1] == ["card: 3B00", "  protocols T=0"]


def test_listing_says_what_is_missing(nothing: Bare) -> None:
    status, lines, errors = nothing.run("list", "--json", "--timeout", "20")
    assert (status, errors) == (0, "")
    told = json.loads("\n".join(lines))
    assert told["found"] == []
    for scheme in ("ccid", "acr122", "swipe"):
        assert "pip install" in told["problems"][scheme]["hint"]
        assert "pyusb" in told["problems"][scheme]["hint"]


def test_listing_with_a_library(bare: Bare) -> None:
    status, lines, errors = bare.run("list", "--timeout", "20")
    assert (status, errors) == (0, "")
    assert lines


@pytest.mark.parametrize(
    ("url", "package", "extra"),
    [
        ("ccid:usb", "pyusb", "usb"),
        ("acr122:usb", "pyusb", "usb"),
        ("swipe:hid", "pyusb", "usb"),
        ("pn532:serial:/dev/ttyUSB0", "pyserial", "serial"),
        ("msr605:serial:/dev/ttyUSB0", "pyserial", "serial"),
        ("pcsc:ACS", "pyscard", "pcsc"),
    ],
)
def test_what_is_missing_is_named_with_what_installs_it(nothing: Bare, url: str, package: str, extra: str) -> None:
    status, lines, error = nothing.run("probe", url)
    assert (status, lines) == (1, [])
    assert error.startswith("countertop_drivers: ")
    assert len(error.splitlines()) == 1
    assert package in error
    assert "pip install" in error
    assert f"countertop[{extra}]" in error


def test_a_serial_device_with_pyserial_only(tmp_path: Path) -> None:
    from countertop_drivers.loop import LoopLink
    from countertop_drivers.virtual.pn532 import VirtualPn532
    from countertop_drivers.virtual.serial_ends import PtyEnd

    bare = Bare(tmp_path, "serial")
    with PtyEnd(VirtualPn532(LoopLink(bytes.fromhex("0A788070028063544F50")))) as end:
        status, lines, errors = bare.run("apdu", f"pn532:serial:{end.path}", PSE)
    assert (status, errors) == (0, "")
    assert lines == ["0A788070028063544F50", f"> {PSE}  SELECT 1PAY.SYS.DDF01", "< 6D00  instruction unknown"]
    assert "pyusb" in bare.run("probe", "ccid:usb")[2]


def test_a_usb_device_with_pyusb_only(tmp_path: Path) -> None:
    from usb_bench import card

    from countertop_drivers.virtual.ccid import VirtualCcid
    from countertop_drivers.virtual.usbip import UsbipServer

    bare = Bare(tmp_path, "usb")
    with UsbipServer({"1-1": VirtualCcid(card())}) as server:
        url = f"ccid:usbip:127.0.0.1:{server.port}/1-1"
        status, lines, errors = bare.run("apdu", url, "80B2000202")
    assert (status, errors) == (0, "")
    assert lines[-1].startswith("< 00019000")
    assert "pyserial" in bare.run("probe", "pn532:serial:/dev/ttyUSB0")[2]
