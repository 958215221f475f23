"""The examples, run as a reader of the documentation would run them: against a live server, in real time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from countertop.bench import Bench
from countertop.clock import Clock
from countertop.server import LiveServer

EXAMPLES = Path(__file__).parents[2] / "examples"
STORY = [
    "reader action: succeeded | captured: 1250",
    "refund: succeeded",
    "verified webhook: charge.refunded",
]


@pytest.fixture
def url() -> Iterator[str]:
    """A server whose clock runs with the wall: the SDKs refuse signatures that are five minutes old."""
    with Bench(clock=Clock.real()) as bench, LiveServer(bench) as server:
        yield server.url


@pytest.fixture
def examples() -> Path:
    return EXAMPLES


@pytest.fixture
def story() -> list[str]:
    return STORY
