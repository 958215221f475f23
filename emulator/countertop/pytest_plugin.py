"""The pytest plugin: a ``bench`` for each test, and its transcript when the test fails.

This module is imported in every pytest run of an environment that has Countertop, used or not: it may import pytest
and typing only.  Everything else comes with the first test that asks for the fixture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from countertop.bench import Bench

SEED_OPTION = "countertop_seed"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The ini option that seeds every bench of a run."""
    parser.addini(SEED_OPTION, "seed of every bench made by the Countertop fixtures", default="0")


@pytest.fixture
def make_bench(request: pytest.FixtureRequest) -> Iterator[Callable[..., Bench]]:
    """Makes benches that are closed after the test: ``make_bench(accounts={"sk_test_gb": "GB"})``."""
    from countertop.bench import Bench
    from countertop.transcript import Transcript

    made: list[Bench] = []
    transcripts: list[Transcript] = []

    def make(**settings: Any) -> Bench:
        settings.setdefault("seed", request.config.getini(SEED_OPTION))
        bench = Bench(**settings)
        transcripts.append(Transcript(bench.feed))
        made.append(bench)
        return bench

    request.node.stash[_TRANSCRIPTS] = transcripts
    yield make
    for bench in made:
        bench.close()


@pytest.fixture
def bench(make_bench: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A fresh, isolated, virtual-time bench, with the official SDK (when installed) wired to it without sockets."""
    import importlib.util

    made = make_bench()
    if importlib.util.find_spec("stripe") is not None:
        import stripe

        from countertop.bench import DEFAULT_KEY
        from countertop.sdk import http_client_for

        monkeypatch.setattr(stripe, "api_key", DEFAULT_KEY)
        monkeypatch.setattr(stripe, "default_http_client", http_client_for(made))
    return made


@pytest.fixture
def bench_url(bench: Bench) -> Iterator[str]:
    """The address of a live server (loopback, a free port) in front of this test's bench."""
    from countertop.server import LiveServer

    with LiveServer(bench) as server:
        yield server.url


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Attach the transcripts of a failed test's benches to its report."""
    report = yield
    if report.failed:
        for transcript in item.stash.get(_TRANSCRIPTS, []):
            if transcript.text:
                report.sections.append(("Countertop transcript", transcript.text))
    return report


_TRANSCRIPTS: pytest.StashKey[list[Any]] = pytest.StashKey()
