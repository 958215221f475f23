"""What drivers are to this room: protocols that ``countertop_drivers`` satisfies without knowing them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from importlib.metadata import entry_points
from typing import Any, Protocol

from countertop.errors import CountertopError

GROUP = "countertop.device_drivers"


class Slot(Protocol):
    """A slot or field with or without a card; failures are OSError with ``message`` and ``hint``."""

    @property
    def present(self) -> bool:
        """True while a card is there."""

    def power_on(self) -> bytes:
        """What the card answers to power."""

    def transmit(self, apdu: bytes) -> bytes:
        """One command."""

    def power_off(self) -> None:
        """Take the power away."""

    def close(self) -> None:
        """Let go of the device."""


class Swipe(Protocol):
    """One pass of a stripe: ``tracks`` without sentinels, None where nothing was read; ``problem`` with the pass."""

    @property
    def tracks(self) -> tuple[bytes | None, bytes | None, bytes | None]:
        """Tracks 1 to 3."""

    @property
    def method(self) -> str:
        """``iso``, ``raw``, or ``masked`` for what an encrypting reader shows."""

    @property
    def problem(self) -> str:
        """Empty when the pass was good."""


class StripeReader(Protocol):
    """A reader of magnetic stripes."""

    def read(self, timeout_s: float) -> Swipe | None:
        """The next pass, or None."""

    def close(self) -> None:
        """Let go of the device."""


class Exported(Protocol):
    """A virtual device where other programs find it: ``where`` for them, ``url`` for our own drivers."""

    where: str
    url: str

    def use(self) -> str:
        """Move the card, or swipe it; returns what was done."""


class Drivers(Protocol):
    """The drivers' front door."""

    CardAbsent: type[OSError]
    DeviceGone: type[OSError]
    DriverError: type[OSError]
    command_line: Any

    def open(self, url: str, record: str | os.PathLike[str] | None = None) -> Any:
        """Open a device by its URL."""

    def careful(self, link: Any, allow: Iterable[str] = ()) -> Slot:
        """The same card slot, which holds back what may harm a card."""

    def exported(
        self, kind: str, card: Any, tracks: Any, place: tuple[str, int] | None, say: Callable[[str], None]
    ) -> AbstractContextManager[Exported]:
        """Serve a virtual device with this card in it, or these tracks to be swiped."""

    def examine(self) -> Iterable[Any]:
        """What keeps devices from working here: dataclasses with ``state``, ``what``, ``mend``."""

    def is_slot(self, link: Any) -> bool:
        """Whether a link is a card slot; else it reads stripes."""


def find_drivers() -> Drivers:
    """The drivers that are installed.  Raises CountertopError when there are none."""
    found = tuple(entry_points(group=GROUP))
    if not found:
        raise CountertopError("No device drivers are installed.", "Reinstall countertop, which brings them.")
    drivers: Drivers = found[0].load()
    return drivers
