"""What a point of sale sees of the readers: with a connection token or a session key instead of an API key (§4.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countertop.api.scope import Call, Document, Operations, Scope
from countertop.services.terminal import readers, sessions

if TYPE_CHECKING:
    from countertop.api.render import Finisher
    from countertop.services.rooms import Rooms


def operations(rooms: Rooms) -> Operations:
    """GET /v1/terminal/readers, for whoever asks."""
    return {"GET /v1/terminal/readers": readers.lister(rooms.gateway, sessions.scope_of)}


def finisher(rooms: Rooms) -> Finisher:
    """A reader as it is shown: with the address of its local link (``base_url``) for a point of sale, and only then."""
    with_presence = readers.finisher(rooms.gateway)

    def finish(scope: Scope, reader: Document) -> Document:
        shown = with_presence(scope, reader)
        if not isinstance(scope, Call) or not scope.bearer_key or reader["device_type"] in readers.MOBILE:
            return shown
        return shown | {"base_url": rooms.link_address(reader["serial_number"])}

    return finish
