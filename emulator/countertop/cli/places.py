"""Where a world is kept when nobody says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def default_data_file(environment: Mapping[str, str], home: Path) -> Path:
    """``$XDG_DATA_HOME/countertop/countertop.db``, or the same under ``~/.local/share``."""
    base = environment.get("XDG_DATA_HOME", "")
    # The XDG specification: a relative path in the variable is to be ignored.
    folder = Path(base) if base.startswith("/") else home / ".local" / "share"
    return folder / "countertop" / "countertop.db"
