"""``python -m countertop`` is the console script."""

from __future__ import annotations

from countertop.cli import main

if __name__ == "__main__":
    main()
