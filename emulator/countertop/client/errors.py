"""What can go wrong between a client and a server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from countertop.errors import CountertopError


class ServerNotRunning(CountertopError, ConnectionError):
    """Nothing answers at the address, or what answers is no Countertop server."""


class RequestRefused(CountertopError):
    """The server answered with an error; ``status`` and the whole ``error`` member of its body are kept."""

    def __init__(self, status: int, error: Mapping[str, Any]) -> None:
        super().__init__(str(error.get("message") or f"HTTP {status}"), str(error.get("hint") or ""))
        self.status = status
        self.error = dict(error)
