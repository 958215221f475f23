"""``countertop --help`` is light, and says what there is."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import click
import pytest
from tests.cli.conftest import Countertop

from countertop import __version__
from countertop.cli import COMMANDS, root

HEAVY = ("pydantic", "httpx", "uvicorn", "cryptography", "textual", "orjson", "stripe", "asyncio")
PROBE = """
import sys
sys.argv = ["countertop", *sys.argv[1:]]
from countertop.cli import main
try:
    main()
except SystemExit:
    pass
print(*sorted(name for name in sys.modules if name.partition(".")[0] in {heavy!r}), file=sys.stderr)
"""


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["up", "--help"], ["reader", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    command = [sys.executable, "-c", PROBE.format(heavy=HEAVY), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout
    assert done.stderr.strip() == ""


def test_every_command_of_the_table_exists_and_is_in_the_help(countertop: Countertop) -> None:
    shown = countertop("--help")
    assert shown.status == 0
    for name, (place, line) in COMMANDS.items():
        module, _, attribute = place.partition(":")
        assert isinstance(getattr(import_module(module), attribute), click.Command)
        assert name in shown.out
        assert line[:20] in shown.out
    assert root.list_commands(click.Context(root)) == list(COMMANDS)


def test_the_version_is_ours(countertop: Countertop) -> None:
    assert countertop("--version").out.strip() == f"countertop, version {__version__}"


def test_an_unknown_command_is_an_error_without_a_traceback(countertop: Countertop) -> None:
    done = countertop("nonsense")
    assert done.status == 2
    assert "No such command 'nonsense'" in done.err
    assert "Traceback" not in done.err


def test_a_server_that_is_not_running_is_one_line(countertop: Countertop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERTOP_URL", "http://127.0.0.1:9")
    for arguments in (["fleet"], ["reader", "list"], ["webhooks"], ["trigger", "customer.created"]):
        done = countertop(*arguments)
        assert done.status == 1
        assert done.err == (
            "countertop: No Countertop server answers at http://127.0.0.1:9. Start one with: countertop up\n"
        )


def test_python_m_is_the_console_script() -> None:
    command = [sys.executable, "-m", "countertop", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip().endswith(__version__)
