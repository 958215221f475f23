"""Parameters as the live feed and the logs may show them: no PAN, PIN, CVC or key in clear."""

from __future__ import annotations

from typing import Any

SECRET = frozenset(
    {"number", "cvc", "pin", "encrypted_number", "account_number", "client_secret", "id_number", "password"}
)


def shown_parameters(tree: dict[str, Any]) -> dict[str, Any]:
    """A copy of a parameter tree with secret values masked; a card number keeps its last four digits."""
    return {name: _shown(name, value) for name, value in tree.items()}


def _shown(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {inner: _shown(inner, member) for inner, member in value.items()}
    if isinstance(value, list):
        return [_shown(name, member) for member in value]
    if name in SECRET and isinstance(value, str):
        return "•••• " + value[-4:] if name == "number" else "••••"
    return value
