"""Nested parameters as form text, the way the SDKs send them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode


def form_of(params: Mapping[str, Any]) -> str:
    """Form text of nested parameters; arrays are indexed, None is left out."""
    return urlencode(list(_pairs("", params)))


def _pairs(prefix: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield from _pairs(f"{prefix}[{name}]" if prefix else name, member)
    elif isinstance(value, (list, tuple)):
        for index, member in enumerate(value):
            yield from _pairs(f"{prefix}[{index}]", member)
    elif isinstance(value, bool):
        yield prefix, "true" if value else "false"
    elif value is not None:
        yield prefix, str(value)
