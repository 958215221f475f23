"""A connection to a reader: TLS greets by name, and what follows is HTTP with the limits of all our connections."""

from __future__ import annotations

import ssl
from collections.abc import MutableMapping
from typing import Any
from weakref import WeakKeyDictionary

from countertop.server.reader_link.names import label_of
from countertop.server.wire import Wire

SERVER_NAME = "countertop.server_name"
"""The scope extension that holds the first label of the name asked for: a serial in lower case."""

Names = MutableMapping[Any, str]
"""TLS object of a connection -> first label of the name that its client asked for."""


def tell_names(context: ssl.SSLContext) -> Names:
    """See to it that a context notes who asks for which reader, and hangs up on other names and on none."""
    names: Names = WeakKeyDictionary()

    def greet(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> int | None:
        label = label_of(name or "")
        if label is None:
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        names[connection] = label
        return None

    context.sni_callback = greet
    return names


class LinkWire(Wire):
    """A connection; all its requests take the ASGI road, and none leads to the API."""

    def __init__(self, names: Names, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._names = names

    def on_headers_complete(self) -> None:
        """The head is complete: note who was asked for."""
        super().on_headers_complete()
        extensions: dict[str, Any] = self.scope["extensions"]
        extensions[SERVER_NAME] = self._names[self.transport.get_extra_info("ssl_object")]

    def shutdown(self) -> None:
        """The server stops: an idle client is not waited for, as TLS would, until it says good-bye."""
        idle = self.cycle is None or self.cycle.response_complete
        if idle and not self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            super().shutdown()

    def _is_direct(self) -> bool:
        return False
