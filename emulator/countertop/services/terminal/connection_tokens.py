"""Connection tokens: what a POS shows a reader.  Created here; redeemed over the reader's link (terminal.md §4.1)."""

from __future__ import annotations

import base64

from countertop.api.scope import Call, Document, Operations

TOKENS = "_connection_token"
"""Rows ``{id: secret, location, expires_ms, redeemed}``: a token has no id in the API, so its secret names the row."""
LIFE_MS = 5 * 60_000


def operations() -> Operations:
    """The operations of /v1/terminal/connection_tokens."""
    return {"POST /v1/terminal/connection_tokens": create}


def create(call: Call) -> Document:
    """POST /v1/terminal/connection_tokens: neither ``id`` nor ``livemode``; ``location`` only when it was asked for."""
    location = call.params.get("location")
    if location is not None:
        call.fetch("terminal.location", location, param="location")
    inner = base64.urlsafe_b64encode(f"{call.account.id},{call.ids.text(31)}".encode()).rstrip(b"=").decode()
    secret = f"pst_test_{inner}_00{call.ids.text(8)}"
    row = {"id": secret, "location": location, "expires_ms": call.clock.now_ms() + LIFE_MS, "redeemed": False}
    call.tx.put(call.account.id, TOKENS, row, created=call.now)
    token: Document = {"object": "terminal.connection_token"}
    if location is not None:
        token["location"] = location
    return token | {"secret": secret}
