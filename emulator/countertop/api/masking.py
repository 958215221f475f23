"""Parameters and messages as the live feed and the logs may show them: no PAN, PIN, CVC or key in clear."""

from __future__ import annotations

import re
from typing import Any

SECRET = frozenset(
    {
        "number",
        "cvc",
        "pin",
        "encrypted_number",
        "account_number",
        "iban",
        "client_secret",
        "id_number",
        "password",
        "private_key_file_password",
        "admin_menu_passcode",
        "tax_id",
    }
)
# What devices are handed is passed about in parameters of all sorts, and may come back in any message.
HANDED_OUT = re.compile(r"\b((?:ps[st]|ek)_(?:test|live)_)[\w-]{4,}")
DIGITS = re.compile(r"\d(?:[ -]?\d){11,18}")


def shown_parameters(tree: dict[str, Any]) -> dict[str, Any]:
    """A copy of a parameter tree with secret values masked; a card number keeps its last four digits."""
    return {shown_text(name): _shown(name, value) for name, value in tree.items()}


def shown_error(error: dict[str, Any]) -> dict[str, str]:
    """What may be shown of an error: a message about a secret parameter may quote it, and is left out."""
    told: dict[str, str] = {
        name: shown_text(str(error[name])) for name in ("type", "code", "message", "param") if name in error
    }
    if told.get("param", "").rpartition("[")[2].removesuffix("]") in SECRET:
        told["message"] = "••••"
    return told


def shown_text(text: str) -> str:
    """A text in which whatever can be a card number, wherever it was typed, keeps its last four digits only.

    Connection tokens, session keys and ephemeral keys keep their prefix only.
    """
    if "_test_" in text or "_live_" in text:
        text = HANDED_OUT.sub(r"\1••••", text)
    return DIGITS.sub(lambda found: "•••• " + found[0][-4:], text)


def _shown(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {shown_text(inner): _shown(name if name in SECRET else inner, item) for inner, item in value.items()}
    if isinstance(value, list):
        return [_shown(name, member) for member in value]
    if not isinstance(value, str):
        return value
    if name in SECRET:
        return "•••• " + value[-4:] if name == "number" else "••••"
    return shown_text(value)
