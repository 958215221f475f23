"""Errors of the drivers.  All are OSError: whoever uses a link need not know which driver is behind it.

::

    DriverError                  anything that keeps a link from working (also OSError)
    ├── UnknownDriver            a URL whose scheme no driver has, or that is no URL (also ValueError)
    ├── BadAddress               a driver cannot use the part after its scheme (also ValueError)
    ├── DriverUnavailable        a driver could not be loaded: its package is broken or missing
    ├── CardAbsent               there is no card, or it has no power
    ├── CardMute                 a card is there and does not answer, or does not answer as a card does
    ├── DeviceGone               the device was unplugged, or its other end hung up: open it again
    ├── DeviceTimeout            the device did not answer in time (also TimeoutError)
    ├── ProtocolError            what came is no frame of this protocol
    ├── DeviceRefused            the device answered with an error of its own: ``code`` and ``name``
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


class CardMute(DriverError):
    """A card is there, but it is silent or says what no card says; power it on again."""


class DeviceGone(DriverError):
    """The device was unplugged or hung up.  The link is dead: open its URL again once it is back."""

    def __init__(self, message: str, hint: str = "Plug it in and open it again.") -> None:
        super().__init__(message, hint)


class DeviceTimeout(DriverError, TimeoutError):
    """The device did not answer in time.  The link is still open."""


class ProtocolError(DriverError):
    """What came is no frame of this protocol: truncated, oversized, out of sequence, or with a wrong check sum."""


class DeviceRefused(DriverError):
    """The device answered with an error of its own: its ``code``, and the ``name`` its specification gives it."""

    def __init__(self, message: str, hint: str = "", *, code: int = 0, name: str = "") -> None:
        super().__init__(message, hint)
        self.code = code
        self.name = name


class TraceError(DriverError):
    """A recording is malformed, or was not followed to the letter."""
