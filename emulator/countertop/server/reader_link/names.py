"""What readers are called on their links."""

from __future__ import annotations

import re

DOMAIN = "reader.localhost"
READER_NAME = re.compile(r"([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)\." + re.escape(DOMAIN))


def label_of(host: str) -> str | None:
    """The first label of a reader's host name, port or not: its serial in lower case; None for any other name."""
    found = READER_NAME.fullmatch(host.partition(":")[0].lower())
    return found[1] if found else None
