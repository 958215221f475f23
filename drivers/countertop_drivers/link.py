"""The cables: to a card (chip or contactless), and to a reader of magnetic stripes, as every driver implements them.

:class:`Card` is the least a card can be; ``countertop.cards.link`` states the same four members for the
emulator, and a contract test holds the two together.  :class:`CardLink` is what ``open`` gives: a card slot
that can be waited at and closed.  Failures of all of them are :class:`~countertop_drivers.errors.DriverError`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self, runtime_checkable

#: What the three tracks of a stripe hold; None where nothing was read.
Tracks = tuple[bytes | None, bytes | None, bytes | None]
NO_TRACKS: Tracks = (None, None, None)
#: How often a link without events of its own looks whether a card has come or gone.
POLL_EVERY_S = 0.05


@runtime_checkable
class Card(Protocol):
    """A card that can be powered and spoken to.  Virtual devices take anything that has these four members."""

    @property
    def present(self) -> bool:
        """True while a card is there."""

    def power_on(self) -> bytes:
        """Power the card up (again); returns its ATR (contact) or ATS (contactless)."""

    def transmit(self, apdu: bytes) -> bytes:
        """Send one command APDU; returns the response: data, then the two status bytes."""

    def power_off(self) -> None:
        """Take the power away; a card that has none stays as it is."""


@runtime_checkable
class CardLink(Card, Protocol):
    """A slot or field of an open device, with or without a card in it.  A context manager that closes itself."""

    def wait(self, present: bool, timeout_s: float) -> bool:
        """Wait until a card is there (True) or gone (False); returns whether that came about in time.

        Raises DeviceGone when the device goes in the meantime.
        """

    def close(self) -> None:
        """Take the card's power away and let go of the device; closing twice does no harm."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Swipe:
    """One pass of a stripe through the reader.

    ``tracks`` are ISO/IEC 7811 text without sentinels and LRC; ``raw`` the bits as they were read, most significant
    first, where the device gives them.  ``method`` is how the device read them: ``iso``, ``raw``, or ``masked`` by an
    encrypting reader, which shows only some of the digits, so that nobody may pay with them.  ``problem`` says what was
    wrong with the pass, empty when nothing was.
    """

    tracks: Tracks = field(default=NO_TRACKS, repr=False)
    method: str = "iso"
    problem: str = ""
    raw: Tracks = field(default=NO_TRACKS, repr=False)


@runtime_checkable
class SwipeLink(Protocol):
    """A reader of magnetic stripes that is open.  A context manager that closes itself."""

    def read(self, timeout_s: float) -> Swipe | None:
        """The next pass of a card, or None when none came in time.  Raises DeviceGone when the reader goes."""

    def close(self) -> None:
        """Let go of the device; closing twice does no harm."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


@runtime_checkable
class TrackWriter(Protocol):
    """A swipe link whose device also writes: the next card that passes gets the tracks."""

    def write(self, tracks: Tracks, timeout_s: float = 30.0) -> None:
        """Write ISO/IEC 7811 text; None leaves a track as it is.  Raises DeviceTimeout when no card passes."""

    def erase(self, which: tuple[bool, bool, bool], timeout_s: float = 30.0) -> None:
        """Erase the chosen tracks of the next card."""

    def set_coercivity(self, high: bool) -> None:
        """Write with high coercivity (2750 Oe and more, black stripes) or low (300 Oe, brown stripes)."""


Link = CardLink | SwipeLink


class Closing:
    """What every link has in common: ``with`` closes it, and a slot without events is waited at by looking.

    A card link inherits this and overrides ``close``, and ``wait`` where the device tells by itself.
    """

    def close(self) -> None:
        """Let go of the device."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def poll(
    look: Callable[[], bool],
    wanted: bool,
    timeout_s: float,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> bool:
    """Look every 50 ms until ``look()`` is ``wanted``; False when it was not in time.  Looks at least once."""
    end = clock() + timeout_s
    while look() is not wanted:
        left = end - clock()
        if left <= 0:
            return False
        sleep(min(POLL_EVERY_S, left))
    return True


class PlainCardLink(Closing):
    """Makes a :class:`CardLink` of anything that is a :class:`Card`: what a small plug-in gives, or a virtual card."""

    def __init__(self, card: Card) -> None:
        self.card = card

    @property
    def present(self) -> bool:
        """True while a card is there."""
        return self.card.present

    def power_on(self) -> bytes:
        """What the card answers to power."""
        return self.card.power_on()

    def transmit(self, apdu: bytes) -> bytes:
        """What the card answers to a command."""
        return self.card.transmit(apdu)

    def power_off(self) -> None:
        """Take the power away."""
        self.card.power_off()

    def wait(self, present: bool, timeout_s: float) -> bool:
        """Look every 50 ms until a card is there, or gone."""
        return poll(lambda: self.card.present, present, timeout_s)

    def close(self) -> None:
        """Take the power away; close the card's own end where it has one."""
        self.card.power_off()
        close = getattr(self.card, "close", None)
        if close is not None:
            close()
