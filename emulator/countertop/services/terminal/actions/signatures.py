"""Signatures drawn on a reader: kept as SVG files for seven days (§1.4.1)."""

from __future__ import annotations

from collections.abc import Callable

from countertop.api.scope import Scope
from countertop.services.core.files import make_file

KeepSignature = Callable[[Scope, str], str]
"""Keeps an SVG document and returns the id of its file."""
KEPT_FOR_S = 7 * 86_400


def keep_signature(scope: Scope, svg: str) -> str:
    """Keep a signature as a file of the account; returns its id."""
    made = make_file(scope, svg.encode(), "signature.svg", "customer_signature", "svg", scope.now + KEPT_FOR_S)
    return str(made["id"])
