"""Events: written by the same transaction that changed the object, with their webhook deliveries (§10)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol

from countertop.ids import IdSource

if TYPE_CHECKING:
    from countertop.api.scope import Document, Scope
    from countertop.store import Transaction


NAMED_ONLY = frozenset(("issuing_authorization.request",))


class Outbox(Protocol):
    """Where an event's webhook deliveries are written: within the event's own transaction."""

    def endpoints(self, tx: Transaction, account: str, platform: str | None, event_type: str) -> list[tuple[str, str]]:
        """The (owner account, endpoint id) pairs that want an event of this type."""

    def enqueue(self, tx: Transaction, endpoints: list[tuple[str, str]], account: str, event: Document) -> None:
        """Write a delivery for each endpoint."""


class EventWriter:
    """Writes events in the emulated API version."""

    def __init__(self, api_version: str, outbox: Outbox) -> None:
        self._api_version = api_version
        self._outbox = outbox

    def write(
        self, scope: Scope, event_type: str, document: Document, previous: Document | None = None
    ) -> Document | None:
        """Store an event about ``document``, and return it; an update that changed nothing writes none."""
        data: Document = {"object": document}
        if previous is not None:
            changed = previous_attributes(previous, document)
            if not changed:
                return None
            data["previous_attributes"] = changed
        account = scope.account
        endpoints = self._outbox.endpoints(scope.tx, account.id, account.platform, event_type)
        event: Document = {"id": scope.new_id("event"), "object": "event"}
        if account.platform is not None:
            event["account"] = account.id
        event |= {
            "api_version": self._api_version,
            "created": scope.now,
            "data": data,
            "livemode": False,
            "pending_webhooks": len(endpoints),
            "request": {"id": scope.cause.request_id, "idempotency_key": scope.cause.idempotency_key},
            "type": event_type,
        }
        scope.tx.put(account.id, "event", event, created=scope.now)
        if endpoints:
            self._outbox.enqueue(scope.tx, endpoints, account.id, event)
        seen = {"id": event["id"], "type": event_type, "account": account.id, "object": document.get("id")}
        scope.note("event", seen)
        return event


def previous_attributes(before: Document, after: Document) -> dict[str, Any]:
    """The changed attributes with their old values: hashes list changed members only, arrays come whole, and a key
    that did not exist shows null."""
    changed: dict[str, Any] = {}
    for key in before.keys() | after.keys():
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            changed[key] = previous_attributes(old, new)
        else:
            changed[key] = old
    return dict(sorted(changed.items()))


def wants(enabled: list[str], event_type: str) -> bool:
    """Whether an endpoint's ``enabled_events`` cover an event type; only a lone ``*`` is a wildcard there.

    What asks for an answer has to be named (issuing.md §6.6).
    """
    return event_type in enabled or ("*" in enabled and event_type not in NAMED_ONLY)


def matching_types(pattern: str, known: frozenset[str]) -> Iterator[str]:
    """The event types that a ``type`` filter of the events list covers: one name, or ``issuing_card.*``."""
    if pattern.endswith("*"):
        yield from (name for name in known if name.startswith(pattern[:-1]))
    else:
        yield pattern


def fresh_secret(ids: IdSource) -> str:
    """A signing secret: ``whsec_`` and 32 alphanumerics."""
    return "whsec_" + ids.text(32)
