"""Ephemeral keys: what a cardholder's app may use to see one card (issuing.md §11.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countertop.api.auth import Key
from countertop.api.errors import forbidden, invalid, missing_resource, unauthorized
from countertop.api.scope import Call, Document, Operations
from countertop.services.bearer_secrets import account_in, fingerprint, new_secret

if TYPE_CHECKING:
    from countertop.account_book import AccountBook
    from countertop.accounts import Account
    from countertop.api.auth import Bearers
    from countertop.clock import Clock
    from countertop.services.issuing.room import Issuing
    from countertop.store import Store

KIND = "ephemeral_key"
ROWS = "_ephemeral_key"
"""Rows ``{id: the secret's fingerprint, key, subject, expires}``."""
LIFE_S = 3_600
# Parameter → type of the object.
SUBJECTS = {
    "customer": "customer",
    "issuing_card": "issuing.card",
    "verification_session": "identity.verification_session",
}


def operations(room: Issuing) -> Operations:
    """The operations of /v1/ephemeral_keys."""
    return {"POST /v1/ephemeral_keys": create, "DELETE /v1/ephemeral_keys/{key}": delete}


def create(call: Call) -> Document:
    """POST /v1/ephemeral_keys: for one card (customer, session); the secret is shown this once."""
    named = [name for name in SUBJECTS if name in call.params]
    if len(named) != 1:
        raise invalid(
            "Exactly one of customer, issuing_card and verification_session is needed.",
            code="parameter_missing" if not named else "parameters_exclusive",
            param="issuing_card",
        )
    (subject,) = named
    about = call.params[subject]
    if call.get(SUBJECTS[subject], about) is None:
        raise missing_resource(SUBJECTS[subject].replace(".", " "), about, param=subject)
    key: Document = {
        "id": call.new_id(KIND),
        "object": KIND,
        "associated_objects": [{"id": about, "type": SUBJECTS[subject]}],
        "created": call.now,
        "expires": call.now + LIFE_S,
        "livemode": False,
    }
    secret = new_secret(call, "ek")
    row = {"id": fingerprint(secret), "key": key["id"], "subject": about, "expires": key["expires"]}
    call.tx.put(call.account.id, ROWS, row, created=call.now)
    return call.save(key) | {"secret": secret}


def delete(call: Call) -> Document:
    """DELETE /v1/ephemeral_keys/{key}: the key as it was."""
    key = call.get(KIND, call.path["key"])
    if key is None:
        raise missing_resource("ephemeral key", call.path["key"], param="key", in_path=True)
    call.remove(key)
    for name, _ in list(call.tx.each(call.account.id, ROWS, where={"key": key["id"]})):
        call.tx.delete(call.account.id, ROWS, name)
    return key | {"expires": min(key["expires"], call.now)}


def check(call: Call, about: str) -> None:
    """Whether the ephemeral key that a call came with, if it did, is for this object.  Raises ApiError 403."""
    if not call.bearer_key:
        return
    row = call.tx.get(call.account.id, ROWS, fingerprint(call.bearer_key))
    if row is None or row["subject"] != about:
        raise forbidden("This ephemeral key is for another object.")


def bearers(store: Store, accounts: AccountBook, clock: Clock) -> Bearers:
    """Who holds which ephemeral key."""

    def holder(key: Key) -> Account:
        account = accounts.by_id(account_in(key.suffix) or "")
        row = None
        if account is not None:
            with store.transaction() as tx:
                row = tx.get(account.id, ROWS, fingerprint(f"ek_test_{key.suffix}"))
        if account is None or row is None:
            raise unauthorized(f"Invalid API Key provided: {key}")
        if clock.now() >= row["expires"]:
            raise unauthorized(f"Expired API Key provided: {key}", code="api_key_expired")
        return account

    return holder
