"""A live server, and the command line as a function."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

import pytest

from countertop.bench import Bench
from countertop.cli import main
from countertop.server import LiveServer


@dataclass(frozen=True)
class Run:
    """What a command did."""

    status: int
    out: str
    err: str


Countertop = Callable[..., Run]


@pytest.fixture
def countertop(monkeypatch: pytest.MonkeyPatch) -> Countertop:
    """Runs the console script in this process, error handling and exit status included."""

    def run(*arguments: str) -> Run:
        monkeypatch.setattr(sys, "argv", ["countertop", *arguments])
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
            main()
        return Run(int(ended.value.code or 0), out.getvalue(), err.getvalue())

    return run


@pytest.fixture
def server(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveServer]:
    """A live server that the commands find by themselves."""
    with LiveServer(bench) as live:
        monkeypatch.setenv("COUNTERTOP_URL", live.url)
        yield live
