"""API calls without an SDK: parameters to form text, answers to values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from countertop.api.http import Response
from countertop.api.render import JSON
from countertop.errors import CountertopError
from countertop.forms import form_of

__all__ = ["CallFailed", "form_of", "result_of"]


class CallFailed(CountertopError):
    """The API answered with an error envelope; ``status`` and ``error`` hold it."""

    def __init__(self, status: int, error: Mapping[str, Any]) -> None:
        super().__init__(f"{status}: {error.get('message', 'no message')}")
        self.status = status
        self.error = dict(error)


def result_of(response: Response) -> Any:
    """The decoded body.  Raises CallFailed for an error envelope."""
    if response.content_type != JSON:
        return response.body
    decoded = orjson.loads(response.body)
    if response.status >= 400:
        raise CallFailed(response.status, decoded["error"])
    return decoded
