"""Delivery rows: made with the event, tried, tried again, and kept as a log.

A row is ``{id, event, event_account, event_type, endpoint, url, status, attempts: [{at_ms, status, error}],
created}`` in the endpoint's account; ``status`` is ``pending``, ``delivered`` or ``failed``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from countertop.api.events import wants
from countertop.api.render import encode
from countertop.clock import Clock
from countertop.webhooks.signature import signature_header

if TYPE_CHECKING:
    from countertop.feed import Feed
    from countertop.store import Transaction
    from countertop.timers import Timers

KIND = "_delivery"
RETRY = "webhook.retry"
PRIVATE = "_webhook_endpoint"
"""Rows ``{id, secret, connect}``: what an endpoint has beside the object that the API shows."""
# Three tries over a few hours, as sandboxes do (§11.2); the figures in between are unconfirmed.
RETRY_AFTER_MS = (5 * 60_000, 2 * 3_600_000)


@dataclass(frozen=True, slots=True)
class Shipment:
    """One attempt, ready to send."""

    account: str
    delivery: str
    endpoint: str
    url: str
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt: the HTTP status, or why there was none."""

    status: int | None
    error: str | None = None

    @property
    def delivered(self) -> bool:
        """Any 2xx; a redirect counts as a failure."""
        return self.status is not None and 200 <= self.status < 300


def endpoint_of(delivery: str) -> str:
    """The endpoint that a delivery row's id names."""
    return delivery.rpartition(":")[2]


class Deliveries:
    """Writes and updates delivery rows.  ``announce(account, delivery)`` is called once a row may be sent."""

    def __init__(self, clock: Clock, timers: Timers, feed: Feed) -> None:
        self._clock = clock
        self._timers = timers
        self._feed = feed
        self.announce: Callable[[str, str], None] = lambda account, delivery: None

    # --- countertop.api.events.Outbox ---------------------------------------------------------------------------

    def endpoints(self, tx: Transaction, account: str, platform: str | None, event_type: str) -> list[tuple[str, str]]:
        """The endpoints that want an event: the account's own, and its platform's Connect endpoints."""
        found = [(account, name) for name in self._wanting(tx, account, event_type, connect=False)]
        if platform is not None:
            found += [(platform, name) for name in self._wanting(tx, platform, event_type, connect=True)]
        return found

    def enqueue(self, tx: Transaction, endpoints: list[tuple[str, str]], account: str, event: dict[str, Any]) -> None:
        """A pending row for each endpoint, announced when the transaction is durable."""
        for owner, endpoint in endpoints:
            target = tx.get(owner, "webhook_endpoint", endpoint)
            assert target is not None, "the endpoint was found in this very transaction"
            row = {
                "id": f"{event['id']}:{endpoint}",
                "event": event["id"],
                "event_account": account,
                "event_type": event["type"],
                "endpoint": endpoint,
                "url": target["url"],
                "status": "pending",
                "attempts": [],
                "created": event["created"],
            }
            tx.put(owner, KIND, row, created=event["created"])
            tx.after_commit(self._announcement(owner, row["id"]))

    # --- sending ------------------------------------------------------------------------------------------------

    def prepare(self, tx: Transaction, account: str, delivery: str) -> Shipment | None:
        """The next attempt of a pending delivery, signed now; None when it is settled or its endpoint is gone."""
        row = tx.get(account, KIND, delivery)
        if row is None or row["status"] != "pending":
            return None
        endpoint = tx.get(account, "webhook_endpoint", row["endpoint"])
        event = tx.raw(row["event_account"], "event", row["event"])
        if endpoint is None or endpoint["status"] != "enabled" or event is None:
            row["status"] = "failed"
            tx.put(account, KIND, row, created=row["created"])
            return None
        headers = self._headers(tx, account, row["endpoint"], event)
        return Shipment(account, delivery, row["endpoint"], row["url"], event, headers)

    def shown(self, tx: Transaction, account: str, delivery: str) -> dict[str, Any] | None:
        """A row together with what is sent: ``body`` as text, ``headers`` signed now; both None when the endpoint or
        the event is gone.  None when there is no such row."""
        row = tx.get(account, KIND, delivery)
        if row is None:
            return None
        event = tx.raw(row["event_account"], "event", row["event"])
        if event is None or tx.get(account, "webhook_endpoint", row["endpoint"]) is None:
            return row | {"body": None, "headers": None}
        return row | {"body": event.decode(), "headers": self._headers(tx, account, row["endpoint"], event)}

    def record(self, tx: Transaction, shipment: Shipment, outcome: Outcome) -> None:
        """Write what became of an attempt; a failure sets the timer of the next one, as long as there is one."""
        row = tx.get(shipment.account, KIND, shipment.delivery)
        if row is None:
            return
        now_ms = self._clock.now_ms()
        first_success = not any(200 <= (attempt["status"] or 0) < 300 for attempt in row["attempts"])
        row["attempts"].append({"at_ms": now_ms, "status": outcome.status, "error": outcome.error})
        tries = len(row["attempts"])
        if outcome.delivered:
            row["status"] = "delivered"
            if first_success:
                self._count_down(tx, row)
        elif tries <= len(RETRY_AFTER_MS):
            due = now_ms + RETRY_AFTER_MS[tries - 1]
            self._timers.set(tx, shipment.account, RETRY, shipment.delivery, due)
        else:
            row["status"] = "failed"
        tx.put(shipment.account, KIND, row, created=row["created"])
        if self._feed.watched:
            seen = {
                "delivery": row["id"],
                "event": row["event"],
                "type": row["event_type"],
                "url": row["url"],
                "attempt": tries,
                "status": outcome.status,
                "error": outcome.error,
                "settled": row["status"],
            }
            tx.after_commit(lambda: self._feed.publish(now_ms, "webhook", seen))

    def resume(self, tx: Transaction, accounts: Iterable[str]) -> None:
        """After a restart: announce what was pending and has no retry timer set."""
        for account in accounts:
            for delivery, _ in tx.each(account, KIND, where={"status": "pending"}):
                if not self._timers.is_set(tx, account, RETRY, delivery):
                    tx.after_commit(self._announcement(account, delivery))

    def resend(self, tx: Transaction, account: str, delivery: str) -> dict[str, Any] | None:
        """Send a delivery once more, now, whatever became of it so far; None when there is no such row."""
        row = tx.get(account, KIND, delivery)
        if row is None:
            return None
        row["status"] = "pending"
        tx.put(account, KIND, row, created=row["created"])
        tx.after_commit(self._announcement(account, delivery))
        return row

    def retry(self, tx: Transaction, account: str, delivery: str) -> None:
        """The retry timer fired."""
        tx.after_commit(self._announcement(account, delivery))

    def each(self, tx: Transaction, account: str) -> Iterator[dict[str, Any]]:
        """The deliveries of an account's endpoints, newest first, one after the other."""
        return (orjson.loads(body) for _, body in tx.each(account, KIND))

    def log(self, tx: Transaction, account: str) -> list[dict[str, Any]]:
        """All of them."""
        return list(self.each(tx, account))

    # --- inner --------------------------------------------------------------------------------------------------

    def _headers(self, tx: Transaction, account: str, endpoint: str, event: bytes) -> dict[str, str]:
        private = tx.get(account, PRIVATE, endpoint)
        assert private is not None, "an endpoint is stored together with its secret"
        return {
            "Accept": "*/*; q=0.5, application/xml",
            "Cache-Control": "no-cache",
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature_header(event, (private["secret"],), self._clock.now()),
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }

    def _wanting(self, tx: Transaction, account: str, event_type: str, *, connect: bool) -> Iterator[str]:
        if not tx.count(account, "webhook_endpoint"):
            return
        for name, body in tx.each(account, "webhook_endpoint"):
            endpoint = orjson.loads(body)
            if endpoint["status"] == "enabled" and wants(endpoint["enabled_events"], event_type):
                private = tx.get(account, PRIVATE, name)
                if private is not None and private["connect"] == connect:
                    yield name

    def _count_down(self, tx: Transaction, row: dict[str, Any]) -> None:
        event = tx.get(row["event_account"], "event", row["event"])
        if event is not None and event["pending_webhooks"] > 0:
            event["pending_webhooks"] -= 1
            tx.put_raw(row["event_account"], "event", event["id"], encode(event), created=event["created"])

    def _announcement(self, account: str, delivery: str) -> Callable[[], None]:
        return lambda: self.announce(account, delivery)
