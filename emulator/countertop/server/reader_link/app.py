"""The ASGI application behind the readers' links: an envelope in, the reader asked, an envelope out.

What a reader says, a refusal too, is a 200; other statuses mean that no reader was asked.  An answer leaves when the
commit that it was built on is done.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from countertop.api.http import Response
from countertop.errors import StoreUnavailable
from countertop.gateway.pos import PosRefused
from countertop.readers.pos import LinkSilent
from countertop.server.app import respond
from countertop.server.body import TooLarge, drain, read_body
from countertop.server.reader_link.envelope import PATH, BadEnvelope, Command, answer, read_command, refusal
from countertop.server.reader_link.names import label_of
from countertop.server.reader_link.wire import SERVER_NAME
from countertop.server.wire import HANG_UP

if TYPE_CHECKING:
    from countertop.server.owner import Owner

log = logging.getLogger("countertop.server")

MOST_BODY_BYTES = 1024 * 1024
DEFECT = "Countertop met a defect of its own; the server's log has the details."


class NoSuchReader(Exception):
    """No smart reader has this name."""


class LinkApp:
    """The application over one owned bench."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        label = scope["extensions"][SERVER_NAME]
        try:
            body = await read_body(headers, receive, MOST_BODY_BYTES)
        except TooLarge:
            too_large = _refused(413, "invalid_request", f"A command has at most {MOST_BODY_BYTES} bytes.")
            too_large.headers.append(("Connection", "close"))
            await respond(send, too_large, last=False)
            await drain(receive)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        if body is None:
            return  # the client hung up in the middle of its command: nothing was done
        try:
            done = await self._answer(label, scope["method"], scope["path"], headers, body)
        except LinkSilent:
            scope["extensions"][HANG_UP]["now"]()
            return
        await respond(send, done)

    async def _answer(self, label: str, method: str, path: str, headers: dict[str, str], body: bytes) -> Response:
        if label_of(headers.get("host", "")) != label:
            return _refused(421, "invalid_request", "The Host is not the name that the TLS greeting asked for.")
        if path != PATH:
            return _refused(404, "invalid_request", f"Commands are sent to {PATH}.")
        if method != "POST":
            return _refused(405, "invalid_request", "Commands are sent with POST.")
        try:
            command = read_command(body)
        except BadEnvelope as error:
            return _refused(400, "invalid_request", error.message)
        try:
            content = await self._owner.do(lambda: self._ask(label, command))
        except NoSuchReader:
            return _refused(404, "reader_unknown", f"There is no smart reader with the name {label}.")
        except PosRefused as error:
            return _refused(200, error.code, error.message)
        except StoreUnavailable as error:
            return _refused(503, "reader_communication_error", error.message)
        except LinkSilent:
            raise
        except Exception:
            log.exception("the command %s to the reader %s failed", command.method, label)
            return _refused(500, "unexpected_sdk_error", DEFECT)
        return Response(200, answer(content))

    def _ask(self, label: str, command: Command) -> Any:
        link = self._owner.bench.world.pos_link

        def ask(tx: Any) -> Any:
            serial = link.serial_of(tx, label)
            if serial is None:
                raise NoSuchReader
            return link.command(tx, serial, command.session_key, command.method, command.content)

        return self._owner.bench.transact(ask)


def _refused(status: int, code: str, message: str) -> Response:
    return Response(status, refusal(code, message))
