"""Ephemeral keys: what a cardholder's app may use to see one card (issuing.md §11.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countertop.api.errors import invalid, missing_resource
from countertop.api.scope import Call, Document, Operations

if TYPE_CHECKING:
    from countertop.services.issuing.room import Issuing

KIND = "ephemeral_key"
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
    return call.save(key) | {"secret": f"ek_test_{call.ids.text(48)}"}


def delete(call: Call) -> Document:
    """DELETE /v1/ephemeral_keys/{key}: the key as it was."""
    key = call.get(KIND, call.path["key"])
    if key is None:
        raise missing_resource("ephemeral key", call.path["key"], param="key", in_path=True)
    call.remove(key)
    return key | {"expires": min(key["expires"], call.now)}
