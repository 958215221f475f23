"""Compile the wire catalog: run ``python scripts/compile_catalog.py``, then review the diff."""

from __future__ import annotations

from countertop.api.catalog.__main__ import OVERLAY
from countertop.api.catalog.catalog import DATA
from countertop.api.catalog.compiler import compile_files


def main() -> None:
    """Write every data file anew.  Raises MissingExtra without the packages that it reads."""
    DATA.mkdir(exist_ok=True)
    for name, text in compile_files(OVERLAY).items():
        (DATA / name).write_text(text, encoding="utf-8")
        print(f"{name}: {text.count(chr(10))} lines")


if __name__ == "__main__":
    main()
