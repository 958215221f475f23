"""Posts a body over HTTP with a limit on the whole attempt, not just on each read."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

MOST_ANSWER_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: a status, headers by lower-case name, and the beginning of a body; or an ``error`` instead.

    ``late``: there was no complete answer within the limit.
    """

    status: int | None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    error: str | None = None
    late: bool = False


class HttpPoster:
    """Keeps a connection between posts; for one thread at a time."""

    def __init__(self, time_limit_s: float) -> None:
        self._time_limit_s = time_limit_s
        self._client: httpx.Client | None = None

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Post once; never raises for what the target does."""
        import httpx

        if self._client is None:
            self._client = httpx.Client(follow_redirects=False, trust_env=False)
        # httpx limits each read, not the whole: a target that drips is cut off from outside.
        cut = threading.Event()
        client = self._client
        timer = threading.Timer(self._time_limit_s, _cut_off, (client, cut))
        timer.daemon = True
        timer.start()
        try:
            return self._post(client, url, body, headers, cut)
        finally:
            timer.cancel()
            if cut.is_set():
                self._client = None

    def close(self) -> None:
        """Drop kept connections."""
        if self._client is not None:
            self._client.close()

    def _post(
        self, client: httpx.Client, url: str, body: bytes, headers: Mapping[str, str], cut: threading.Event
    ) -> Reply:
        import httpx

        late = Reply(None, error=f"no complete answer within {self._time_limit_s:g} s", late=True)
        try:
            with client.stream("POST", url, content=body, headers=dict(headers), timeout=self._time_limit_s) as answer:
                read = bytearray()
                for chunk in answer.iter_bytes(4096):
                    read += chunk
                    if len(read) > MOST_ANSWER_BYTES:
                        break
                if cut.is_set():
                    return late
                named = {name.lower(): value for name, value in answer.headers.items()}
                return Reply(answer.status_code, named, bytes(read[:MOST_ANSWER_BYTES]))
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError, RuntimeError) as error:
            if cut.is_set() or isinstance(error, httpx.TimeoutException):
                return late
            return Reply(None, error=f"{type(error).__name__}: {error}"[:200])


def _cut_off(client: httpx.Client, cut: threading.Event) -> None:
    cut.set()
    client.close()
