"""Transaction traces: what happened between card, reader and issuer."""

from __future__ import annotations

from typing import Any

from countertop.errors import ConfigurationError
from countertop.server.control.ask import Ask, Blob, NotFound
from countertop.trace import html, text

FORMS = ("html", "json", "text")


def show(ask: Ask) -> dict[str, Any] | Blob:
    """GET traces/{trace}: by the id of an intent or a Charge, or ``latest``; ``?as=text``, ``?as=html``."""
    form = ask.query.get("as", "json")
    if form not in FORMS:
        raise ConfigurationError(f"as={form[:20]} is no form of a trace.", f"There are: {', '.join(FORMS)}")
    found = _found(ask, ask.names["trace"])
    match form:
        case "text":
            return Blob(text.render(found).encode(), "text/plain; charset=utf-8")
        case "html":
            return Blob(html.render(found).encode(), "text/html; charset=utf-8")
    return found


def _found(ask: Ask, name: str) -> dict[str, Any]:
    found = ask.bench.trace(name)
    if found is None:
        hint = "Hold a card to a reader first." if name == "latest" else "Traces are kept of cards that were read."
        raise NotFound(f"There is no trace of {name[:100]!r}.", hint)
    return found
