"""Errors of the drivers.  All are OSError: whoever uses a link need not know which driver is behind it.

::

    DriverError                  anything that keeps a link from working (also OSError)
    ├── UnknownDriver            a URL whose scheme no driver has, or that is no URL (also ValueError)
    ├── BadAddress               a driver cannot use the part after its scheme (also ValueError)
    ├── DriverUnavailable        a driver could not be loaded: its package is broken or missing
    ├── CardAbsent               there is no card, or it has no power
    └── TraceError               a recording is malformed, or was not followed to the letter

Each carries ``hint``: what to do next.
"""

from __future__ import annotations


class DriverError(OSError):
    """Anything that keeps a link from working; ``hint`` says what to do next."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class UnknownDriver(DriverError, ValueError):
    """A URL whose scheme no driver has."""


class BadAddress(DriverError, ValueError):
    """A driver cannot use the part of the URL after its scheme."""


class DriverUnavailable(DriverError):
    """A driver could not be loaded."""


class CardAbsent(DriverError):
    """There is no card, or it has no power."""


class TraceError(DriverError):
    """A recording is malformed, or was not followed to the letter."""
