"""What a service works with: one account's objects inside one transaction, at one instant.

A :class:`Scope` is made for every API call (as a :class:`Call`), every timer that fires and every message from a
device; what it writes is committed as a whole or not at all.  Objects are plain dictionaries in the API's own shape.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from countertop.api.errors import missing_resource

if TYPE_CHECKING:
    from countertop.accounts import Account
    from countertop.api.events import EventWriter
    from countertop.api.expand import Plan
    from countertop.clock import Clock
    from countertop.feed import Feed
    from countertop.ids import IdSource
    from countertop.store import Page, Transaction

Document = dict[str, Any]

# Nouns of "No such …" where they are not simply the last part of the type's name.
NOUNS = {"payment_method": "PaymentMethod"}
DELETED = ":deleted"


def noun_of(kind: str) -> str:
    """How error messages call an object type: ``terminal.location`` -> ``location``."""
    if kind.startswith("issuing."):
        return kind.replace(".", " ").replace("_", " ")
    return NOUNS.get(kind, kind.rpartition(".")[2])


@dataclass(frozen=True, slots=True)
class Cause:
    """The API request behind a change, for ``event.request``; both None when Stripe acts on its own."""

    request_id: str | None = None
    idempotency_key: str | None = None


class Scope:
    """One account, one transaction, one instant."""

    def __init__(
        self,
        account: Account,
        tx: Transaction,
        clock: Clock,
        ids: IdSource,
        events: EventWriter,
        feed: Feed,
        cause: Cause | None = None,
    ) -> None:
        self.account = account
        self.tx = tx
        self.clock = clock
        self.ids = ids
        self.events = events
        self.feed = feed
        self.cause = cause or Cause()
        self.now = clock.now()

    def new_id(self, kind: str) -> str:
        """A fresh id for an object of this type."""
        return self.ids.object_id(kind, self.now, self.account.id)

    def get(self, kind: str, object_id: str) -> Document | None:
        """The object, or None.  The caller owns the dictionary; :meth:`save` writes it back."""
        return self.tx.get(self.account.id, kind, object_id)

    def fetch(self, kind: str, object_id: str, *, param: str | None = None, in_path: bool = False) -> Document:
        """The object.  Raises ApiError resource_missing: 404 when it is the path's, 400 when a parameter's."""
        found = self.tx.get(self.account.id, kind, object_id)
        if found is None:
            raise missing_resource(noun_of(kind), object_id, param=param, in_path=in_path)
        return found

    def save(self, document: Document, event: str | None = None, previous: Document | None = None) -> Document:
        """Write an object (new or changed) and, when named, its event.

        ``previous`` is the object before the change: for ``*.updated`` events it becomes ``previous_attributes``.
        """
        self.tx.put(self.account.id, document["object"], document, created=document.get("created", self.now))
        if event is not None:
            self.emit(event, document, previous)
        return document

    def remove(self, document: Document, *, keep_stub: bool = False) -> Document:
        """Delete an object; returns the stub ``{id, object, deleted: true}``.  ``keep_stub``: it stays retrievable."""
        kind = document["object"]
        self.tx.delete(self.account.id, kind, document["id"])
        stub = {"id": document["id"], "object": kind, "deleted": True}
        if keep_stub:
            self.tx.put(self.account.id, kind + DELETED, stub, created=self.now)
        return stub

    def emit(self, event_type: str, document: Document, previous: Document | None = None) -> Document | None:
        """Write an event about an object, with the webhook deliveries that it causes.

        Returns it; None for an update that changed nothing.
        """
        return self.events.write(self, event_type, document, previous)

    def note(self, topic: str, data: Document) -> None:
        """Publish something to the live feed, once this transaction is durable."""
        if self.feed.watched:
            at_ms = self.clock.now_ms()
            self.tx.after_commit(lambda: self.feed.publish(at_ms, topic, data))


@dataclass(slots=True)
class Listing:
    """A page of objects of one kind as a handler's result."""

    page: Page
    url: str
    kind: str


@dataclass(slots=True)
class Stored:
    """An object as a handler's result, by its stored bytes: the fast road of a plain retrieve."""

    body: bytes


@dataclass(slots=True)
class Bytes:
    """A result that is not JSON, such as the contents of a file."""

    body: bytes
    content_type: str


@dataclass(slots=True)
class Outside:
    """A call that cannot be answered before somebody outside of this world has been asked.

    What the handler wrote is committed.  ``ask`` then runs outside every transaction and lock (it may block, and call
    back in), and ``then`` answers the call in a transaction of its own, given what ``ask`` returned.
    """

    ask: Callable[[], Any]
    then: Callable[[Call, Any], Answer]


Answer = Document | Listing | Stored | Bytes
Result = Answer | Outside


class Call(Scope):
    """One API call.  ``params`` are checked and typed; ``path`` holds the ids of the URL by name.

    ``bearer_key``: the connection token, session key or ephemeral key that a device called with; empty for all others.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params: Document = {}
        self.path: Mapping[str, str] = {}
        self.url = ""
        self.key_kind = "sk"
        self.bearer_key = ""
        self.files: Mapping[str, UploadedFile] = {}
        self.plan: Plan | None = None

    def expands(self, path: str) -> bool:
        """Whether ``expand`` names this path: for members that are computed only when asked for."""
        return self.plan is not None and path in self.plan.paths


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file part of a multipart body."""

    filename: str
    content_type: str
    content: bytes = field(repr=False)


Handler = Callable[[Call], Result]
Operations = Mapping[str, Handler]
"""``"POST /v1/terminal/readers/{reader}/cancel_action"`` -> what does it.  Names are the catalog's."""
