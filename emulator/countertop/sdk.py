"""The official SDK on a bench without sockets: an HTTP client of the SDK's own kind that calls the bench."""

from __future__ import annotations

import importlib.util
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from countertop.api.faults import DROPPED
from countertop.api.http import Request
from countertop.errors import MissingExtra

if TYPE_CHECKING:
    import stripe

    from countertop.bench import Bench


def client_for(bench: Bench, key: str) -> stripe.StripeClient:
    """A ``StripeClient`` whose calls go to the bench.  Raises MissingExtra when the SDK is not installed."""
    _require_sdk()
    import stripe

    return stripe.StripeClient(key, http_client=http_client_for(bench))


def http_client_for(bench: Bench) -> Any:
    """The HTTP client alone, for ``stripe.default_http_client`` or a ``StripeClient`` of your own."""
    _require_sdk()
    import stripe

    class BenchClient(stripe.HTTPClient):
        """Answers the SDK's requests from the bench; sync and async alike, since no answer has to be waited for."""

        name = "countertop"

        def request(
            self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None, **_: Any
        ) -> tuple[Any, int, Mapping[str, str]]:
            return self._ask(method, url, headers, post_data)

        def request_stream(
            self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None, **_: Any
        ) -> tuple[Any, int, Mapping[str, str]]:
            import io

            body, status, answered = self._ask(method, url, headers, post_data)
            return io.BytesIO(body), status, answered

        async def request_async(
            self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
        ) -> tuple[bytes, int, Mapping[str, str]]:
            return self._ask(method, url, headers, post_data)

        async def request_stream_async(
            self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
        ) -> tuple[Any, int, Mapping[str, str]]:
            body, status, answered = self._ask(method, url, headers, post_data)
            return _in_one_piece(body), status, answered

        def _add_jitter_time(self, sleep_seconds: float) -> float:
            return sleep_seconds  # the same run every time

        def _sleep_time_seconds(self, num_retries: int) -> float:
            seconds: float = super()._sleep_time_seconds(num_retries)
            if not bench.clock.is_virtual:
                return seconds
            bench.advance(seconds=seconds)  # a retry waits in bench time, and not at all on the wall
            return 0.0

        def close(self) -> None:
            """Nothing is held open."""

        async def close_async(self) -> None:
            """Nothing is held open."""

        def _ask(
            self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any
        ) -> tuple[bytes, int, Mapping[str, str]]:
            parts = urlsplit(url)
            sent = {name.lower(): str(value) for name, value in (headers or {}).items()}
            body = post_data.encode() if isinstance(post_data, str) else bytes(post_data or b"")
            response = bench.handle(Request(method.upper(), parts.path, parts.query, sent, body))
            if response.status == DROPPED:
                raise _dropped(stripe.APIConnectionError)
            return response.body, response.status, {name.lower(): value for name, value in response.headers}

    return BenchClient()


async def _in_one_piece(body: bytes) -> AsyncIterator[bytes]:
    yield body


def _dropped(error: Any) -> Exception:
    dropped: Exception = error("The connection was dropped (an injected fault).", should_retry=True)
    return dropped


def _require_sdk() -> None:
    if importlib.util.find_spec("stripe") is None:
        raise MissingExtra("The official Stripe SDK", "sdk")
