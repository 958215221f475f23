"""Who is calling: keys, their kinds, and what each kind may reach (api-conventions §2)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from countertop.api.errors import ApiError, forbidden, unauthorized

if TYPE_CHECKING:
    from countertop.accounts import Account

NO_KEY = (
    "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer "
    "auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for "
    "details, or we can help at https://support.stripe.com/."
)
NEEDS_SECRET = (
    "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of "
    "your API keys at https://dashboard.stripe.com/account/apikeys."
)
LIVE = (
    "Countertop only takes test keys, and this one looks live: {masked}. Nothing was done with it. "
    "Use sk_test_ and any text, for example sk_test_counter."
)
KEY = re.compile(r"(sk|rk|pk|pst|pss|ek)_test_([!-~]{1,200})")
LIVE_KEY = re.compile(r"(sk|rk|pk|ek|pst|pss)_live_")

# What a publishable key may do (§2): make tokens and payment methods, and read or confirm an intent by its secret.
PUBLISHABLE = frozenset(
    {
        "POST /v1/tokens",
        "POST /v1/sources",
        "POST /v1/payment_methods",
        "POST /v1/confirmation_tokens",
        "GET /v1/payment_intents/{intent}",
        "POST /v1/payment_intents/{intent}/confirm",
        "GET /v1/setup_intents/{intent}",
        "POST /v1/setup_intents/{intent}/confirm",
    }
)

NOT_FOR_POS = (
    "This API call cannot be made with a connection token or the session key that comes of one. Please use a secret "
    "API key, on your server."
)
NOT_FOR_APPS = "This API call cannot be made with an ephemeral key. Please use a secret API key, on your server."
# What a point of sale may do by itself (terminal.md §4.1): redeem its connection token, and look for readers.
DISCOVER = "GET /v1/terminal/readers"
REACH = {
    "pst": frozenset(
        {
            "POST /v1/terminal/connection_tokens/activate",
            "POST /v1/terminal/connection_tokens/generate_pos_rpc_session",
            DISCOVER,
        }
    ),
    "pss": frozenset({DISCOVER}),
    # What a cardholder's app may do with an ephemeral key (issuing.md §11): look at its card.
    "ek": frozenset({"GET /v1/issuing/cards/{card}"}),
}


@dataclass(frozen=True, slots=True)
class Key:
    """An API key: its kind and what follows ``_test_``.

    The suffix of an ``sk``, ``rk`` or ``pk`` names an account.  ``pst`` is a connection token and ``pss`` the session
    key that it was redeemed for, ``ek`` an ephemeral key; who made them is asked of a :data:`Bearers`.
    """

    kind: str
    suffix: str

    @property
    def is_bearer(self) -> bool:
        """Whether a device shows it that it was given to, not a server or a web page."""
        return self.kind in REACH

    def __str__(self) -> str:
        return masked(f"{self.kind}_test_{self.suffix}")


Bearers = Callable[[Key], "Account"]
"""The account behind a key that was handed out.  Raises ApiError 401 for one that nobody was given, or that is over."""


def masked(key: str) -> str:
    """A key as error messages show it: prefix, asterisks, last four."""
    prefix = re.match(r"[a-z]+_(?:test|live)_", key)
    head = prefix[0] if prefix else key[:3]
    tail = key[len(head) :]
    if len(tail) <= 4:
        return head + "*" * max(len(tail), 4)
    return head + "*" * min(len(tail) - 4, 40) + tail[-4:]


def read_key(headers: Mapping[str, str]) -> Key:
    """The key of a request.  Raises ApiError 401 when there is none, or none that can be used here."""
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    credentials = credentials.strip()
    text = ""
    if scheme.lower() == "bearer":
        text = credentials
    elif scheme.lower() == "basic":
        try:
            text = base64.b64decode(credentials, validate=True).decode("utf-8").partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            text = ""
    if not text:
        raise unauthorized(NO_KEY)
    return parse_key(text)


def parse_key(text: str) -> Key:
    """A key from its text.  Raises ApiError 401 for live-looking and unknown keys."""
    found = KEY.fullmatch(text)
    if found:
        return Key(found[1], found[2])
    if LIVE_KEY.match(text):
        raise unauthorized(LIVE.format(masked=masked(text)))
    raise unauthorized(f"Invalid API Key provided: {masked(text)}")


def check_reach(key: Key, operation: str | None) -> None:
    """Raises ApiError 401 when a key is used where only a secret one may be.  ``operation``: None for no known URL."""
    if key.is_bearer and operation not in REACH[key.kind]:
        raise unauthorized(NOT_FOR_APPS if key.kind == "ek" else NOT_FOR_POS, code="secret_key_required")
    if operation is None:
        return
    if key.kind == "pk" and _generic(operation) not in PUBLISHABLE:
        raise unauthorized(NEEDS_SECRET, code="secret_key_required")


def not_connected(key: Key, account: str) -> ApiError:
    """403: ``Stripe-Account`` names an account that this key's account is not connected to."""
    return forbidden(
        f"The provided key '{key}' does not have access to account '{account}' "
        "(or that account does not exist). Application access may have been revoked.",
        code="account_invalid",
    )


def _generic(operation: str) -> str:
    # SDK releases name the path parameter differently; what matters here is the family.
    return re.sub(r"\{\w*\}", "{intent}", operation)
