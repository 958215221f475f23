"""What talks to a running server: the emulated API, the control API, the live stream.  Knows it only by its address."""

from __future__ import annotations

from countertop.client.client import DEFAULT_KEY, DEFAULT_URL, ServerClient
from countertop.client.errors import RequestRefused, ServerNotRunning
from countertop.client.sse import StreamItem

__all__ = ["DEFAULT_KEY", "DEFAULT_URL", "RequestRefused", "ServerClient", "ServerNotRunning", "StreamItem"]
