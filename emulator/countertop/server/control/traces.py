"""Transaction traces: what happened between card, reader and issuer."""

from __future__ import annotations

from typing import Any

from countertop.server.control.ask import Ask, NotFound


def show(ask: Ask) -> dict[str, Any]:
    """GET traces/{trace}: by the id of a PaymentIntent, SetupIntent or Charge, or ``latest``."""
    name = ask.names["trace"]
    found = ask.bench.trace(name)
    if found is None:
        hint = "Insert a card at a reader first." if name == "latest" else "Traces are kept for inserted cards."
        raise NotFound(f"There is no trace of {name[:100]!r}.", hint)
    return found
