"""What the readers ask of the rooms around them, as protocols: rows, timers, the vault."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol


class Context(Protocol):
    """The caller's transaction.  Devices belong to no account: their rows live in account ``""``."""

    def get(self, account: str, kind: str, object_id: str, /) -> dict[str, Any] | None:
        """A row, or None."""

    def raw(self, account: str, kind: str, object_id: str, /) -> bytes | None:
        """A row as it is stored, the same object until it is written again; None when there is none."""

    def put(self, account: str, kind: str, document: dict[str, Any], /, *, created: int) -> bytes:
        """Write a row under its ``id``."""

    def delete(self, account: str, kind: str, object_id: str, /) -> object:
        """Remove a row."""

    def each(self, account: str, kind: str, /) -> Iterator[tuple[str, bytes]]:
        """Every row of a kind: (id, encoded row)."""

    def after_commit(self, effect: Callable[[], None], /) -> None:
        """Do this once the transaction is committed, and not at all if it is not."""


class Timers(Protocol):
    """Timers on the bench's clock that do not survive a restart."""

    def volatile(self, due_ms: int, key: str, callback: Callable[[], None], /) -> None:
        """Call back at ``due_ms``, in no transaction; replaces the timer of the same key."""

    def cancel(self, key: str, /) -> None:
        """Forget the timer of this key, if it is set."""


class Vault(Protocol):
    """The only keeper of card numbers."""

    def tokenize(self, tx: Any, pan: str, /) -> str:
        """The token of a card number; the same number has the same token."""

    def tokenize_truncated(self, tx: Any, pan: str, shown: str, /) -> str:
        """The same, of a number of which only what may be shown is kept."""

    def reveal(self, tx: Any, token: str, /) -> str:
        """The card number behind a token, with asterisks where it was truncated."""

    def seal(self, tx: Any, name: str, secret: bytes, /) -> None:
        """Keep a secret under a name."""

    def open(self, tx: Any, name: str, /) -> bytes:
        """The secret of a name."""


Transact = Callable[[Callable[[Any], None]], None]
"""Runs work in a transaction of its own; given by the bench for timers, which fire in none."""
