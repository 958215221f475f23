"""The example in Node, with the official ``stripe`` package from the registry."""

from __future__ import annotations

import shutil
import subprocess

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.mark.skipif(
    shutil.which("node") is None or shutil.which("npm") is None,
    reason="node and npm are not installed (make system-deps)",
)
def test_sale(url, examples, story, tmp_path):
    shop = tmp_path / "shop"
    shutil.copytree(examples / "node", shop, ignore=shutil.ignore_patterns("node_modules"))
    install = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error"]
    made = subprocess.run(install, cwd=shop, capture_output=True, text=True, timeout=240, check=False)
    assert made.returncode == 0, made.stderr
    done = subprocess.run(["node", "sale.mjs", url], cwd=shop, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == story
