"""The listener of the readers' links: from a bound socket to a clean stop."""

from __future__ import annotations

import asyncio
import datetime
import logging
import socket
from typing import TYPE_CHECKING

from uvicorn.config import Config
from uvicorn.server import ServerState

from countertop.errors import ConfigurationError, StoreUnavailable
from countertop.server.listen import listen
from countertop.server.reader_link.app import LinkApp
from countertop.server.reader_link.names import DOMAIN
from countertop.server.reader_link.wire import LinkWire, tell_names

if TYPE_CHECKING:
    from countertop.server.owner import Owner
    from countertop.server.reader_link.authority import Authority

log = logging.getLogger("countertop.server")

LOOPBACK = "127.0.0.1"
DEFAULT_PORT = 4443
GREETING_S = 10.0


def listen_for_pos(port: int | None) -> socket.socket:
    """The socket of the links, on loopback only; None takes the usual port, or a free one when it is in use.

    Raises ConfigurationError when ``port`` cannot be used.
    """
    try:
        return listen(LOOPBACK, DEFAULT_PORT if port is None else port)
    except ConfigurationError as error:
        if port is None:
            return listen(LOOPBACK, 0)
        raise ConfigurationError(error.message, "Choose another with --reader-port; 0 takes a free one.") from None


def link_domain(listener: socket.socket) -> str:
    """What follows a reader's name in the address of its link: domain and port."""
    return f"{DOMAIN}:{listener.getsockname()[1]}"


class ReaderLink:
    """The readers' links of an owned bench."""

    def __init__(self, owner: Owner, listener: socket.socket) -> None:
        self._owner = owner
        self._listener = listener
        self._authority: Authority | None = None
        self._server: asyncio.Server | None = None
        self.port: int = listener.getsockname()[1]
        self.state = ServerState()

    def address_of(self, serial: str) -> str:
        """Where a reader takes the commands of a POS."""
        return f"https://{serial.lower()}.{DOMAIN}:{self.port}"

    def info(self) -> dict[str, object]:
        """What the control API tells: the domain of the readers' names, the port, the path of the certificate."""
        return {"domain": DOMAIN, "port": self.port, "ca": "/_countertop/ca.pem"}

    def certificate(self) -> bytes:
        """The authority's certificate as PEM; sealed again should a reset have taken it away.  On the loop only."""
        authority = self._known()
        self._owner.bench.transact(lambda tx: authority.keep(tx, self._owner.bench.world.vault))
        return authority.certificate

    async def open(self) -> None:
        """Take connections."""
        # Certificates need much of cryptography; importing it here keeps the API's first answer from waiting for it.
        await asyncio.to_thread(_warm_up)
        try:
            authority = await self._owner.do(self._known)
        except StoreUnavailable as error:
            log.warning("the certificate authority of the readers' links could not be kept: %s", error)
            authority = self._known()
        context = authority.server_context(_now())
        names = tell_names(context)
        config = Config(
            LinkApp(self._owner),
            http="httptools",
            lifespan="off",
            ws="none",
            log_config=None,
            log_level="critical",
            access_log=False,
            proxy_headers=False,
            server_header=False,
        )
        config.load()
        self._server = await self._owner.loop.create_server(
            lambda: LinkWire(names, self._owner, config=config, server_state=self.state, app_state={}),
            sock=self._listener,
            ssl=context,
            ssl_handshake_timeout=GREETING_S,
        )

    def close(self) -> None:
        """Take no more connections; those that are there are the caller's to finish (``state``)."""
        if self._server is not None:
            self._server.close()

    def _known(self) -> Authority:
        from countertop.server.reader_link.authority import Authority

        if self._authority is None:
            vault = self._owner.bench.world.vault
            self._authority = self._owner.bench.transact(lambda tx: Authority.of(tx, vault, _now()))
        return self._authority


def _warm_up() -> None:
    import countertop.server.reader_link.authority  # noqa: F401


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
