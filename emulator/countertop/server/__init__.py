"""The HTTP server: the API's hot path, the control API, the live stream.  No business rules live here.

``App`` is a plain ASGI application over one bench; ``LiveServer`` runs it in a thread, ``serve`` until a signal.
"""

from __future__ import annotations

from countertop.server.app import App
from countertop.server.lifetime import serve
from countertop.server.listen import listen, url_of
from countertop.server.live import LiveServer

__all__ = ["App", "LiveServer", "listen", "serve", "url_of"]
