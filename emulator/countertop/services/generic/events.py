"""Which events the change of an object writes: those of its type that the event enum has."""

from __future__ import annotations

from collections.abc import Iterator

from countertop.api.catalog import Endpoint, load


def event_of(endpoint: Endpoint, kind: str, change: str) -> str | None:
    """``customer.created`` for a change such as ``created``; None when there is no such event."""
    known = load().event_types
    return next((name for stem in _stems(endpoint, kind) if (name := f"{stem}.{change}") in known), None)


def _stems(endpoint: Endpoint, kind: str) -> Iterator[str]:
    yield kind
    yield kind.replace(".", "_")
    parts = [part for part in endpoint.template.split("/") if part and not part.startswith("{")]
    collection = parts[-1].removesuffix("s")
    if endpoint.parent is not None:
        yield f"{endpoint.parent[0]}.{collection}"
    yield f"customer.{kind}"
