"""A repository of somebody else's, in which Countertop is only installed."""

from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.fixture
def run(pytester: pytest.Pytester) -> Callable[..., pytest.RunResult]:
    """Runs a test file in a fresh interpreter, as its owner would; returns what came of it."""

    def run(source: str, *options: str) -> pytest.RunResult:
        pytester.makepyfile(test_it=source)
        # Hypothesis costs every start half a second, and is not under test.
        return pytester.runpytest_subprocess(
            "-p", "no:cacheprovider", "-p", "no:hypothesispytest", *options, timeout=60
        )

    return run
