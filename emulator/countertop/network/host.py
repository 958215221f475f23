"""The protocol of an issuer's host, and what the road needs of the vault."""

from __future__ import annotations

from typing import Any, Protocol

from countertop.network.messages import IssuerRequest, IssuerResponse


class Vault(Protocol):
    """The only keeper of card numbers."""

    def reveal(self, tx: Any, token: str) -> str:
        """The number behind a token."""

    def seal(self, tx: Any, name: str, secret: bytes) -> None:
        """Keep a secret under a name."""

    def open(self, tx: Any, name: str) -> bytes:
        """The secret of a name."""


class IssuerHost(Protocol):
    """Decides about the cards whose numbers begin with one of its prefixes."""

    @property
    def name(self) -> str:
        """What traces and listings call it."""

    @property
    def prefixes(self) -> tuple[str, ...]:
        """Number prefixes that are routed here; empty for a default host."""

    def decide(self, tx: Any, request: IssuerRequest) -> IssuerResponse:
        """Answer one request inside the asker's transaction."""
