"""What every file keeps to, and that what documents point at exists."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENTRIES = ("README.md", "pyproject.toml", "emulator", "drivers", "firmware_fixtures", "tui", "tests")
PACKAGES = (
    "emulator/countertop",
    "drivers/countertop_drivers",
    "tui/countertop_tui",
    "firmware_fixtures/countertop_firmware",
)
MOST_LINES = 500
MEDIAN_LINES = 150
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def python_files(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return [path for path in found if "node_modules" not in path.parts]


def lines_of(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_the_seven_top_level_entries_exist_with_content():
    for name in ENTRIES:
        entry = ROOT / name
        assert entry.exists(), name
        assert entry.is_file() or any(entry.rglob("*.*")), f"{name} is empty"


def test_no_python_file_has_more_than_500_lines():
    sizes = {path: lines_of(path) for path in python_files(*ENTRIES[2:], "benchmarks", "scripts", "examples")}
    assert {str(path): size for path, size in sizes.items() if size > MOST_LINES} == {}


def test_the_median_file_has_at_most_150_lines():
    assert statistics.median(lines_of(path) for path in python_files(*PACKAGES)) <= MEDIAN_LINES


def test_every_module_says_what_it_is_for():
    files = python_files(*PACKAGES, "tests", "benchmarks", "scripts", "examples")
    silent = [str(path) for path in files if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]
    assert silent == []


def test_every_public_class_and_function_says_what_it_does():
    silent = []
    for path in python_files(*PACKAGES):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            named = isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
            if named and not node.name.startswith("_") and not ast.get_docstring(node):
                silent.append(f"{path.relative_to(ROOT)}: {node.name}")
    assert silent == []


def test_every_relative_link_leads_somewhere():
    broken = []
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "drivers").rglob("*.md")]:
        text = FENCE.sub("", page.read_text(encoding="utf-8"))
        for target in LINK.findall(text):
            if "://" in target or target.startswith(("#", "mailto:")):
                continue
            if not (page.parent / target.partition("#")[0]).exists():
                broken.append(f"{page.relative_to(ROOT)} -> {target}")
    assert broken == []


def test_the_readme_says_what_it_must():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for said in ("make demo", "make test", "Not affiliated with Stripe", "test keys\n> only"):
        assert said in text, said


def test_extras_scripts_and_entry_points():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == ">=3.11"
    assert set(project["optional-dependencies"]) >= {"sdk", "tui", "all"}
    assert project["scripts"] == {"countertop": "countertop.cli:main"}
    assert project["entry-points"]["pytest11"] == {"countertop": "countertop.pytest_plugin"}
    everything = " ".join(project["optional-dependencies"]["all"])
    # pyscard has no wheels for Linux: whoever wants it asks for it.
    for extra in set(project["optional-dependencies"]) - {"all", "pcsc"}:
        assert extra in everything
    for needed in project["dependencies"]:
        assert not needed.startswith(("stripe", "textual", "pytest")), "optional parts are extras"


def test_versions_agree():
    import countertop

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert countertop.__version__ == project["version"]
    newest = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").partition("\n## ")[2]
    assert newest.startswith(("Unreleased", project["version"]))


def test_import_arrows():
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
