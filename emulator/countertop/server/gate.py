"""Who may use the control API: the user of this machine, and no web page.

A page on the internet can make a browser send requests to loopback, under its own name (``Origin``) or, by DNS
rebinding, under a host name of its own that resolves to 127.0.0.1 (``Host``).  Both are refused.
"""

from __future__ import annotations

from collections.abc import Mapping

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})


def refusal(headers: Mapping[str, str], local_address: str) -> str | None:
    """Why a request may not use the control API, or None.

    ``local_address`` is the address on which the connection arrived: a name in ``Host`` can be anybody's, that
    address cannot.
    """
    ours = LOOPBACK | {local_address, f"[{local_address}]"}
    host = headers.get("host", "")
    if _name_of(host) not in ours:
        return f"The control API does not answer to the host {host[:100]!r}."
    origin = headers.get("origin")
    if origin is not None and origin.lower() != f"http://{host.lower()}":
        return f"The control API does not answer to pages of {origin[:100]!r}."
    if headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        return "The control API does not answer to pages of other sites."
    return None


def _name_of(host: str) -> str:
    name, colon, port = host.rpartition(":")
    if colon and port.isdigit():
        host = name
    return host.lower()
