"""The envelope of a command on a reader's link, and of its answer (terminal.md §4.1, local protocol).

A command is a JSON object ``{id, service, method, content, session_token, …}`` whose ``content`` is a JSON object in
base64; an answer is ``{"content": …}`` in the same way, or ``{"error": {"code", "message"}}``.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from countertop.errors import CountertopError

SERVICE = "JackRabbitService"
PATH = f"/protojsonservice/{SERVICE}"
LONGEST_NAME = 100
LONGEST_KEY = 1_000
DEEPEST = 12


class BadEnvelope(CountertopError):
    """A body that is no command."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command; ``session_key`` is empty when none was sent."""

    method: str
    session_key: str = field(repr=False)
    content: Mapping[str, Any] = field(repr=False)


def read_command(body: bytes) -> Command:
    """The command in a body.  Raises BadEnvelope saying what is wrong with it."""
    envelope = _object(body, "The body")
    if envelope.get("service", SERVICE) != SERVICE:
        raise BadEnvelope(f"The service is {SERVICE}.")
    if envelope.get("request_type", "STANDARD") != "STANDARD":
        raise BadEnvelope("The request_type is STANDARD.")
    method = _text(envelope, "method", LONGEST_NAME)
    if not method:
        raise BadEnvelope("The method is missing.")
    packed = _text(envelope, "content")
    try:
        content = base64.b64decode(packed.encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        raise BadEnvelope("The content is no base64.") from None
    return Command(
        method, _text(envelope, "session_token", LONGEST_KEY), _object(content, "The content") if content else {}
    )


def answer(content: Mapping[str, Any]) -> bytes:
    """The body of an answer."""
    return orjson.dumps({"content": base64.b64encode(orjson.dumps(dict(content))).decode("ascii")})


def refusal(code: str, message: str) -> bytes:
    """The body of a refusal."""
    return orjson.dumps({"error": {"code": code, "message": message}})


def _object(text: bytes, what: str) -> dict[str, Any]:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise BadEnvelope(f"{what} is no JSON.") from None
    if not isinstance(value, dict):
        raise BadEnvelope(f"{what} is no JSON object.")
    layer: list[Any] = [value]
    for _ in range(DEEPEST):
        layer = [inner for outer in layer for inner in _members(outer)]
        if not layer:
            return value
    raise BadEnvelope(f"{what} is nested more than {DEEPEST} levels deep.")


def _members(value: Any) -> Iterable[Any]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [member for member in inner if isinstance(member, (dict, list))]


def _text(envelope: Mapping[str, Any], name: str, longest: int | None = None) -> str:
    value = envelope.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or (longest is not None and len(value) > longest):
        raise BadEnvelope(f"The {name} is no text, or too long.")
    return value
