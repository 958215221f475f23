"""Single values of form parameters: text to typed value, or the error that the service gives (§3, §4).

Each check takes the raw value and where it stands in bracket form, and returns the typed value.  All errors
raised here leave the idempotency key reusable: the call never began to execute.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import orjson

from countertop.api.errors import ApiError, invalid

Check = Callable[[Any, str], Any]

LONGEST_TEXT = 5000
LARGEST_INTEGER = 2**63 - 1
INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
DECIMAL = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?")
METADATA_KEYS, METADATA_KEY_LENGTH, METADATA_VALUE_LENGTH = 50, 40, 500
# A long list of allowed values is cut in the middle; how many are shown at each end is unconfirmed.
SHOWN_AT_EACH_END = 10


def refused(message: str, at: str, code: str | None = None) -> ApiError:
    """400 for a parameter, before anything was executed."""
    return invalid(message, code=code, param=at, keep=False)


def text(longest: int = LONGEST_TEXT) -> Check:
    """Text of 1 to ``longest`` characters."""

    def check(value: Any, at: str) -> str:
        if type(value) is not str:
            raise refused(f"Invalid string: {shown(value)}", at)
        if not value:
            raise empty(at)
        if len(value) > longest:
            cut = f"{value[:10]}...{value[-10:]}" if len(value) > 23 else value
            raise refused(f"Invalid string: {cut}; must be at most {longest} characters", at)
        return value

    return check


def integer(least: int | None = None) -> Check:
    """A whole number, at least ``least``."""

    def check(value: Any, at: str) -> int:
        if type(value) is not str or not INTEGER.fullmatch(value):
            if value == "":
                raise empty(at)
            raise refused(f"Invalid integer: {shown(value)}", at, "parameter_invalid_integer")
        number = int(value)
        if abs(number) > LARGEST_INTEGER:
            raise refused(f"Invalid integer: {value}", at, "parameter_invalid_integer")
        if least is not None and number < least:
            message = f"This value must be greater than or equal to {least}."
            raise refused(message, at, "parameter_invalid_integer")
        return number

    return check


def boolean(value: Any, at: str) -> bool:
    """``true`` or ``false``, nothing else."""
    if value == "true":
        return True
    if value == "false":
        return False
    if value == "":
        raise empty(at)
    raise refused(f"Invalid boolean: {shown(value)}", at)


def decimal(value: Any, at: str) -> str:
    """Plain decimal text; it stays text."""
    if type(value) is not str or not DECIMAL.fullmatch(value):
        if value == "":
            raise empty(at)
        raise refused(f"Invalid decimal: {shown(value)}", at)
    return value


def number(value: Any, at: str) -> float:
    """A floating-point number in plain decimal text."""
    return float(decimal(value, at))


def anything(value: Any, at: str) -> Any:
    """Whatever was sent."""
    return value


def one_of(values: tuple[str, ...]) -> Check:
    """One of these values."""
    known = frozenset(values)

    def check(value: Any, at: str) -> str:
        if type(value) is str and value in known:
            return value
        if value == "":
            raise empty(at)
        if type(value) is not str:
            raise refused(f"Invalid string: {shown(value)}", at)
        raise refused(f"Invalid {at}: must be one of {listed(values)}", at)

    return check


def metadata(value: Any, at: str) -> dict[str, str]:
    """Up to 50 keys of up to 40 characters with text of up to 500; an empty text removes its key (§3)."""
    if type(value) is not dict:
        raise empty(at) if value == "" else refused("Invalid object", at)
    if len(value) > METADATA_KEYS:
        raise refused(f"Metadata can have up to {METADATA_KEYS} keys, but you passed in {len(value)}.", at)
    for key, word in value.items():
        here = f"{at}[{key[:METADATA_KEY_LENGTH]}]"
        if len(key) > METADATA_KEY_LENGTH:
            message = f"Metadata keys can have up to {METADATA_KEY_LENGTH} characters, but you passed in a key"
            raise refused(f"{message} that is {len(key)} characters. Invalid key: {key[:100]}", here)
        if "[" in key or "]" in key:
            raise refused(f"Metadata keys cannot have square brackets. Invalid key: {key}", here)
        if type(word) is not str:
            raise refused(f"Invalid string: {shown(word)}", here)
        if len(word) > METADATA_VALUE_LENGTH:
            message = f"Metadata values can have up to {METADATA_VALUE_LENGTH} characters, but you passed"
            raise refused(f"{message} in a value that is {len(word)} characters. Invalid value: {word[:100]}", here)
    return value


def empty(at: str) -> ApiError:
    """An empty string where the parameter cannot be unset."""
    return refused(
        f"You passed an empty string for '{at}'. We assume empty values are an attempt to unset a parameter; "
        f"however '{at}' cannot be unset. You should remove '{at}' from your request or supply a non-empty "
        "value.",
        at,
        "parameter_invalid_empty",
    )


def listed(values: tuple[str, ...]) -> str:
    """``a, b, or c``; a long list is cut in the middle: ``a, b, c...x, y, or z``."""
    if len(values) == 1:
        return values[0]
    if len(values) == 2:
        return f"{values[0]} or {values[1]}"
    tail = f"{', '.join(values[-SHOWN_AT_EACH_END:-1])}, or {values[-1]}"
    if len(values) > 2 * SHOWN_AT_EACH_END:
        return f"{', '.join(values[:SHOWN_AT_EACH_END])}...{tail}"
    return f"{', '.join(values[:-1])}, or {values[-1]}"


def shown(value: Any) -> str:
    """A wrong value as an error message shows it: hashes and arrays as JSON, and never at length."""
    plain = value if isinstance(value, str) else orjson.dumps(value).decode()
    return plain if len(plain) <= 200 else f"{plain[:100]}...{plain[-100:]}"
