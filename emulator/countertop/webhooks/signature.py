"""The ``Stripe-Signature`` header (api-conventions §11.3)."""

from __future__ import annotations

import hashlib
import hmac


def signature_header(payload: bytes, secrets: tuple[str, ...], timestamp: int) -> str:
    """``t=…,v1=…`` for the exact bytes of a body, with one ``v1`` for each active secret.

    The key is the whole secret text including ``whsec_``; ``timestamp`` is in Unix seconds.
    """
    signed = str(timestamp).encode() + b"." + payload
    digests = (hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets)
    return f"t={timestamp}," + ",".join(f"v1={digest}" for digest in digests)
