"""API calls without an SDK: parameters to form text, answers to values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import orjson

from countertop.api.http import Response
from countertop.api.render import JSON
from countertop.errors import CountertopError


class CallFailed(CountertopError):
    """The API answered with an error envelope; ``status`` and ``error`` hold it."""

    def __init__(self, status: int, error: Mapping[str, Any]) -> None:
        super().__init__(f"{status}: {error.get('message', 'no message')}")
        self.status = status
        self.error = dict(error)


def form_of(params: Mapping[str, Any]) -> str:
    """Form text of nested parameters; arrays are indexed, as the SDKs send them."""
    return urlencode(list(_pairs("", params)))


def result_of(response: Response) -> Any:
    """The decoded body.  Raises CallFailed for an error envelope."""
    if response.content_type != JSON:
        return response.body
    decoded = orjson.loads(response.body)
    if response.status >= 400:
        raise CallFailed(response.status, decoded["error"])
    return decoded


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
