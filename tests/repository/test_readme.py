"""The README's tests are tests: each block that defines one is run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
BLOCKS = [
    block for block in re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL) if "def test_" in block
]


def test_there_are_such_blocks():
    assert len(BLOCKS) >= 2


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: re.search(r"def (test_\w+)", block)[1])
def test_block(block, pytester):
    pytester.makepyfile(test_readme=block)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:hypothesispytest", timeout=60)
    result.assert_outcomes(passed=block.count("def test_"))
