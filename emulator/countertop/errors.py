"""Errors that people see outside the API: each says what was wrong and what to do.

::

    CountertopError              anything this toolkit refuses, with a hint
    ├── ConfigurationError       an option, fleet file, model file or account that cannot be used (also ValueError)
    ├── DataFileError            a data file that is foreign, corrupt, locked or of another version (also OSError)
    ├── StoreUnavailable         a write could not be made durable: disk full, read-only (also OSError)
    ├── MissingExtra             an optional part is not installed (also ImportError)
    ├── ReaderError              a virtual reader cannot do what was asked of it
    └── WaitExpired              something awaited did not happen in time (also TimeoutError)

Errors of the emulated API itself are :class:`countertop.api.errors.ApiError`: they become Stripe error envelopes.
"""

from __future__ import annotations


class CountertopError(Exception):
    """Something this toolkit refuses; ``hint`` says what to do next."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class ConfigurationError(CountertopError, ValueError):
    """An option, fleet file, model file or account declaration that cannot be used."""


class DataFileError(CountertopError, OSError):
    """A data file that is foreign, corrupt, locked by another server, or of a newer version."""


class StoreUnavailable(CountertopError, OSError):
    """A write could not be made durable (disk full, read-only); nothing acknowledged was lost."""


class MissingExtra(CountertopError, ImportError):
    """An optional part is not installed."""

    def __init__(self, part: str, extra: str) -> None:
        super().__init__(f"{part} needs the extra [{extra}].", f"Install it with: pip install 'countertop[{extra}]'")
        self.extra = extra


class ReaderError(CountertopError):
    """A virtual reader cannot do what was asked of it in its present state."""


class WaitExpired(CountertopError, TimeoutError):
    """Something that was awaited (a webhook, an event, a state) did not happen in time."""
