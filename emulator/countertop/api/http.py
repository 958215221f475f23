"""A request and its answer, as the core sees them: no sockets, no framework."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Request:
    """One API call.  ``headers`` has lower-case names; ``path`` is still percent-encoded; ``query`` has no ``?``."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(slots=True)
class Response:
    """The answer: status, headers in sending order, and the body's exact bytes."""

    status: int
    body: bytes
    headers: list[tuple[str, str]] = field(default_factory=list)
    content_type: str = "application/json"
