"""The secrets of a point of sale: connection tokens, the session keys they are redeemed for, and their rows.

A secret looks like those of the service (terminal.md §1.1): it carries its account.  Rows never hold one: they are
found by its fingerprint, which also names a session to readers and in the live feed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from countertop.api.auth import Key
from countertop.api.errors import invalid, unauthorized
from countertop.api.scope import Call, Document, Scope
from countertop.services.bearer_secrets import account_in, fingerprint, new_secret

if TYPE_CHECKING:
    from countertop.account_book import AccountBook
    from countertop.accounts import Account
    from countertop.api.auth import Bearers
    from countertop.clock import Clock
    from countertop.store import Store

TOKENS = "_connection_token"
"""Rows ``{id: fingerprint, location, expires_ms, redeemed}``."""
SESSIONS = "_pos_session"
"""Rows ``{id: fingerprint, location, pos, expires_ms, serial}``; ``serial``: the reader that it owns, or None."""
TOKEN_LIFE_MS = 5 * 60_000
SESSION_LIFE_MS = 12 * 3_600_000
REDEEMED = (
    "This ConnectionToken has already been redeemed and cannot be redeemed again. Create a new ConnectionToken for "
    "every connection."
)
EXPIRED = "This ConnectionToken has expired. Create a new ConnectionToken and try again."


def new_token(scope: Scope, location: str | None) -> str:
    """Make a connection token; ``location`` limits it to the smart readers that stand there.  Returns its secret."""
    secret = new_secret(scope, "pst")
    row = {
        "id": fingerprint(secret),
        "location": location,
        "expires_ms": scope.clock.now_ms() + TOKEN_LIFE_MS,
        "redeemed": False,
    }
    scope.tx.put(scope.account.id, TOKENS, row, created=scope.now)
    return secret


def redeem(call: Call) -> str:
    """Exchange the connection token that a call came with for a session key.

    Raises ApiError 400 for a token that was redeemed before or is too old.
    """
    row = _row(call, TOKENS)
    if row["redeemed"]:
        raise invalid(REDEEMED)
    if call.clock.now_ms() >= row["expires_ms"]:
        raise invalid(EXPIRED)
    call.tx.put(call.account.id, TOKENS, row | {"redeemed": True}, created=call.now)
    key = new_secret(call, "pss")
    session = {
        "id": fingerprint(key),
        "location": row["location"],
        "pos": call.params["pos_device_id"],
        "expires_ms": call.clock.now_ms() + SESSION_LIFE_MS,
        "serial": None,
    }
    call.tx.put(call.account.id, SESSIONS, session, created=call.now)
    return key


def scope_of(call: Call) -> str | None:
    """The location that the token or session behind a call is limited to; None for no limit, and for other keys.

    Raises ApiError 400 for a token that has expired.
    """
    if not call.bearer_key:
        return None
    is_token = call.bearer_key.startswith("pst_")
    row = _row(call, TOKENS if is_token else SESSIONS)
    if is_token and call.clock.now_ms() >= row["expires_ms"]:
        raise invalid(EXPIRED)
    location: str | None = row["location"]
    return location


def bearers(store: Store, accounts: AccountBook, clock: Clock) -> Bearers:
    """Who holds which token or key.

    A token that was redeemed may still look for readers until it expires: the first thing that SDKs do with theirs.
    """

    def holder(key: Key) -> Account:
        account = accounts.by_id(account_in(key.suffix) or "")
        if account is None:
            raise unauthorized(f"Invalid API Key provided: {key}")
        kind = TOKENS if key.kind == "pst" else SESSIONS
        with store.transaction() as tx:
            row = tx.get(account.id, kind, fingerprint(f"{key.kind}_test_{key.suffix}"))
        if row is None:
            raise unauthorized(f"Invalid API Key provided: {key}")
        if kind == SESSIONS and clock.now_ms() >= row["expires_ms"]:
            raise unauthorized(f"Expired API Key provided: {key}", code="api_key_expired")
        return account

    return holder


def find_session(tx: Any, accounts: AccountBook, key: str) -> tuple[Account, Document] | None:
    """The account and the row of a session key, expired or not; None for one that nobody was given."""
    kind, _, suffix = key.partition("_test_")
    account = accounts.by_id(account_in(suffix) or "") if kind == "pss" else None
    row = tx.get(account.id, SESSIONS, fingerprint(key)) if account is not None else None
    return None if account is None or row is None else (account, row)


def _row(call: Call, kind: str) -> Document:
    row = call.tx.get(call.account.id, kind, fingerprint(call.bearer_key))
    if row is None:
        raise unauthorized("Invalid API Key provided.")
    return row
