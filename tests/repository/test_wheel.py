"""The built wheel: complete, installable into an empty environment, and at work there."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
ROOT = Path(__file__).parents[2]
SOURCES = ("emulator", "drivers", "tui", "firmware_fixtures")
NOT_SHIPPED = {"__pycache__", ".pyc"}
A_TEST = "def test_it(bench):\n    assert bench.reader().state == 'idle'\n"


def run(*command, **options):
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=400, check=False, **options
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT)
    [made] = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The scripts folder of a fresh environment that has the wheel and pytest."""
    home = tmp_path_factory.mktemp("venv")
    venv.create(home, with_pip=True)
    scripts = home / ("Scripts" if sys.platform == "win32" else "bin")
    run(scripts / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel, "pytest")
    return scripts


def test_every_file_of_the_packages_is_in_the_wheel_and_nothing_else(wheel):
    ours = {
        path.relative_to(ROOT / source).as_posix()
        for source in SOURCES
        for path in (ROOT / source).rglob("*")
        if path.is_file() and path.relative_to(ROOT / source).parts[0].startswith("countertop")
    }
    ours = {name for name in ours if not any(part in name for part in NOT_SHIPPED)}
    with zipfile.ZipFile(wheel) as opened:
        shipped = {name for name in opened.namelist() if ".dist-info/" not in name}
    assert ours - shipped == set()
    assert shipped - ours == set()


@pytest.mark.parametrize(
    "pattern",
    [
        "countertop/py.typed",
        "countertop/api/catalog/data/endpoints.tsv",
        "countertop/api/catalog/overlay/*.json",
        "countertop_drivers/py.typed",
        "countertop_firmware/models/*",
        "countertop_firmware/py.typed",
        "countertop_tui/py.typed",
    ],
)
def test_data_files_are_in_the_wheel(wheel, pattern):
    with zipfile.ZipFile(wheel) as opened:
        assert any(Path(name).match(pattern) for name in opened.namelist())


def test_the_command_line_works_there(installed, tmp_path):
    assert run(installed / "countertop", "--version", cwd=tmp_path).startswith("countertop, version ")
    coverage = json.loads(run(installed / "countertop", "coverage", "--json", cwd=tmp_path))
    assert coverage


def test_the_fixture_works_there(installed, tmp_path):
    (tmp_path / "test_it.py").write_text(A_TEST)
    out = run(installed / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=tmp_path)
    assert "1 passed" in out


def test_the_demo_names_the_extra_that_it_needs(installed, tmp_path):
    done = subprocess.run(
        [str(installed / "countertop"), "demo"], capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path
    )
    assert done.returncode == 1
    assert done.stderr.startswith("countertop: ")
    assert "countertop[sdk]" in done.stderr
    assert len(done.stderr.splitlines()) == 1
