"""Secrets that a server hands to somebody else's device: they carry their account, and are found by fingerprint.

They look like those of the service (terminal.md §1.1, issuing.md §11.1).  Rows never hold one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib

from countertop.api.scope import Scope


def new_secret(scope: Scope, kind: str) -> str:
    """A secret of a kind (``pst``, ``pss``, ``ek``) of the scope's account."""
    content = f"{scope.account.id},{scope.ids.text(31)}".encode()
    return f"{kind}_test_{base64.urlsafe_b64encode(content).rstrip(b'=').decode()}_00{scope.ids.text(8)}"


def fingerprint(secret: str) -> str:
    """What a secret is called wherever it must not stand itself."""
    return hashlib.sha256(secret.encode()).hexdigest()[:24]


def account_in(suffix: str) -> str | None:
    """The account id that a secret carries behind ``pst_test_`` and the like; None for no such thing."""
    packed = suffix.rpartition("_00")[0]
    try:
        content = base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    return content.partition(",")[0] or None
