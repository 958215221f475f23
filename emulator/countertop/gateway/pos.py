"""What a reader asks the platform about the point of sale (POS) that talks to it over its local link (§4.1).

These are questions, not messages: the POS waits for the answer, so they are put outside the queue of the
:class:`~countertop.gateway.gateway.Gateway`, between two turns of the device.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from countertop.errors import CountertopError
from countertop.gateway.gateway import Context

Content = Mapping[str, Any]
"""The content of a command, or of its answer: a JSON object."""


class PosRefused(CountertopError):
    """A command of a POS is refused.  ``code`` is an SDK's error code in lower case (terminal.md §4.6)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class PosSession:
    """A session that a connection token was redeemed for.  ``id`` names it everywhere and opens nothing."""

    id: str
    account: str
    expires_ms: int


class PosPort(Protocol):
    """The platform's end of a POS's commands."""

    def session(self, context: Context, serial: str, key: str) -> PosSession:
        """What a reader asks first, at every command: the session of a key that may use this reader.

        Raises PosRefused: ``session_expired``, ``session_unknown``, ``reader_not_registered``, ``reader_not_yours``
        (another account's), ``reader_not_in_location`` (out of the token's scope).
        """

    def connected(self, context: Context, serial: str, session: str) -> None:
        """The reader belongs to this session from now on; another reader that did is let go."""

    def released(self, context: Context, serial: str, session: str) -> None:
        """The reader belongs to this session no more: what it still waits for in its name is over."""

    def command(self, context: Context, serial: str, session: PosSession, method: str, content: Content) -> Content:
        """Carry a command out.  Raises PosRefused."""
