"""The pictures of the documentation show the screens as they are."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.slow
def test_the_pictures_are_what_the_screens_show() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "screenshots.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=110, cwd=ROOT)
    assert done.returncode == 0, done.stderr


def test_they_load_nothing_from_elsewhere() -> None:
    for picture in (ROOT / "docs" / "pictures").glob("*.svg"):
        assert "url(" not in picture.read_text().replace("url(#", "")
