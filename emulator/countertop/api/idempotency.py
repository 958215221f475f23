"""Idempotency keys (§7): the first answer is kept for a day and given again for the same call."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from countertop.api.errors import ApiError

if TYPE_CHECKING:
    from countertop.store import Transaction

KIND = "_idempotency"
LIFE_MS = 24 * 3_600_000
LONGEST = 255


@dataclass(frozen=True, slots=True)
class Kept:
    """The answer to the first call with a key."""

    fingerprint: str
    status: int
    request_id: str
    at_ms: int
    body: bytes


def fingerprint(method: str, path: str, tree: dict[str, Any]) -> str:
    """What must be equal for two calls to be the same: method, path and decoded parameters."""
    text = f"{method} {path} ".encode() + orjson.dumps(tree, option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(text, digest_size=12).hexdigest()


def check_key(key: str) -> None:
    """Raises ApiError 400 for an empty key and one of more than 255 characters."""
    if not 0 < len(key) <= LONGEST:
        message = f"Idempotency keys must be between 1 and {LONGEST} characters; yours has {len(key)}."
        raise ApiError(400, "invalid_request_error", message, keep=False)


def keep(tx: Transaction, account: str, key: str, kept: Kept, created: int) -> None:
    """Remember the answer, in the transaction that made it."""
    head = f"{kept.fingerprint} {kept.status} {kept.request_id} {kept.at_ms}\n".encode()
    tx.put_raw(account, KIND, key, head + kept.body, created=created)


def recall(tx: Transaction, account: str, key: str, now_ms: int) -> Kept | None:
    """The kept answer of this key, or None when there is none or it is older than a day."""
    row = tx.raw(account, KIND, key)
    if row is None:
        return None
    head, _, body = row.partition(b"\n")
    print_, status, request_id, at_ms = head.decode().split(" ")
    if now_ms - int(at_ms) >= LIFE_MS:
        return None
    return Kept(print_, int(status), request_id, int(at_ms), body)


def mismatch(key: str) -> ApiError:
    """400: the key was first used with other parameters or at another endpoint."""
    message = (
        "Keys for idempotent requests can only be used with the same parameters they were first used with. "
        f"Try using a key other than '{key}' if you meant to execute a different request."
    )
    return ApiError(400, "idempotency_error", message, keep=False)


def in_use() -> ApiError:
    """409: the first call with this key has not been answered yet."""
    message = (
        "There is currently another in-progress request using this Idempotent Key (that probably means you submitted "
        "twice, and the other request is still going through). Please try again later."
    )
    return ApiError(409, "idempotency_error", message, code="idempotency_key_in_use", keep=False)
