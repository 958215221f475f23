"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

DEFAULT_URL = "http://127.0.0.1:4242"
DEFAULT_KEY = "sk_test_counter"


def url_option(function: F) -> F:
    """``--url``: the running server."""
    return click.option(
        "--url",
        default=DEFAULT_URL,
        show_default=True,
        envvar="COUNTERTOP_URL",
        help="Address of the running server.",
    )(function)


def key_option(function: F) -> F:
    """``--key``: the account."""
    return click.option(
        "--key", default=DEFAULT_KEY, show_default=True, envvar="COUNTERTOP_KEY", help="Key of the account."
    )(function)


def json_option(function: F) -> F:
    """``--json``: for scripts."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(function)
