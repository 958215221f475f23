"""Countertop: a payment counter on a developer's desk.

An offline, stateful, Stripe-compatible API (``countertop.api`` and ``countertop.services``) with virtual card
readers (``countertop.readers``).  Start with :class:`countertop.Bench`, the ``bench`` fixture in pytest, or
``countertop up`` on the command line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from countertop.bench import Bench

__all__ = ["Bench", "__version__"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    # Loaded on first use: `import countertop` alone must stay cheap for a pytest run that does not use us.
    if name == "Bench":
        from countertop.bench import Bench

        return Bench
    raise AttributeError(f"module 'countertop' has no attribute {name!r}")
