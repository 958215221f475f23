"""An endpoint without a socket: deliveries to it are kept in memory, for tests to look at and verify."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson

from countertop.webhooks.deliveries import Outcome, Shipment

URL = "https://inbox.countertop.test/"
"""Where inbox endpoints pretend to be; the name can never resolve (RFC 6761)."""


@dataclass(frozen=True, slots=True)
class Received:
    """One delivery as a web application gets it: exact body and signature header, for ``construct_event``."""

    body: bytes
    headers: dict[str, str]
    event: dict[str, Any] = field(repr=False)

    @property
    def type(self) -> str:
        """The event type."""
        return str(self.event["type"])

    @property
    def signature(self) -> str:
        """The ``Stripe-Signature`` header."""
        return self.headers["Stripe-Signature"]


class Inbox:
    """What arrived at one in-memory endpoint, oldest first.

    ``answer`` decides the status that the endpoint gives back (200 by default), so that failures and retries can be
    played; an exception that it raises counts as a 500, as in a web framework.
    """

    def __init__(self, endpoint: str, secret: str, answer: Callable[[Received], int | None] | None = None) -> None:
        self.endpoint = endpoint
        self.secret = secret
        self.received: list[Received] = []
        self._answer = answer

    def __iter__(self) -> Any:
        return iter(self.received)

    def __len__(self) -> int:
        return len(self.received)

    @property
    def types(self) -> list[str]:
        """The event types in order of arrival."""
        return [item.type for item in self.received]

    def of_type(self, event_type: str) -> list[Received]:
        """The deliveries of one event type."""
        return [item for item in self.received if item.type == event_type]

    def expect(self, event_type: str) -> Received:
        """The newest delivery of this type.  Raises AssertionError that lists what did arrive."""
        found = self.of_type(event_type)
        if not found:
            arrived = ", ".join(self.types) or "nothing"
            raise AssertionError(f"no webhook {event_type} arrived; arrived so far: {arrived}")
        return found[-1]

    def take(self, shipment: Shipment) -> Outcome:
        """Receive a delivery; what the transport is to an HTTP endpoint."""
        item = Received(shipment.body, shipment.headers, orjson.loads(shipment.body))
        self.received.append(item)
        if self._answer is None:
            return Outcome(200)
        try:
            status = self._answer(item)
        except Exception as error:  # whatever a user's handler raises is that handler's 500
            return Outcome(500, f"{type(error).__name__}: {error}"[:200])
        if status is None:
            return Outcome(200)
        if isinstance(status, bool) or not isinstance(status, int) or not 100 <= status <= 599:
            return Outcome(500, f"the answer {status!r} is no HTTP status"[:200])
        return Outcome(status)
