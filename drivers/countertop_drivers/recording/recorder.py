"""Writes down what crosses a link while it is used, each frame as soon as it has crossed."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from io import FileIO
from typing import Any, TypeVar

from countertop_drivers.errors import DriverError
from countertop_drivers.link import CardLink, Closing, Link, Swipe, Tracks, TrackWriter
from countertop_drivers.recording import meaning
from countertop_drivers.recording.format import MARK, VERSION
from countertop_drivers.recording.masking import Mask

T = TypeVar("T")


def recorded(
    link: Link,
    path: str | os.PathLike[str],
    url: str,
    *,
    clock: Callable[[], float] = time.monotonic,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    mask_all: bool = False,
) -> RecordedCard | RecordedSwipes:
    """The same link, which writes to ``path`` what crosses it.  ``clock`` counts seconds.

    Secrets are masked.  ``mask_all``: numbers that were made up for tests are masked as well.

    Raises DriverError when the file cannot be written; a new file may be read by its owner only.
    """
    kind = "card" if isinstance(link, CardLink) else "swipe"
    book = Book(_opened(path), os.fspath(path), clock, Mask(mask_all))
    began = now().isoformat(timespec="seconds")
    try:
        book.head({MARK: VERSION, "url": url, "kind": kind, "began": began, "masked": True})
    except DriverError:
        book.close()
        raise
    if isinstance(link, CardLink):
        return RecordedCard(link, book)
    return RecordedWriter(link, book) if isinstance(link, TrackWriter) else RecordedSwipes(link, book)


class Book:
    """The file, line by line."""

    def __init__(self, file: FileIO, where: str, clock: Callable[[], float], mask: Mask) -> None:
        self._file = file
        self._where = where
        self._clock = clock
        self._mask = mask
        self._began = clock()

    def head(self, line: dict[str, Any]) -> None:
        """The first line."""
        self._write(line)

    def event(self, kind: str, means: str) -> None:
        """Something that happened to the link."""
        self._frame("!", kind, "", means)

    def error(self, error: OSError) -> None:
        """What went wrong instead of an answer: the first line of what it says."""
        said = f"{type(error).__name__}: {getattr(error, 'message', error)}".partition("\n")[0]
        self._frame("!", "error", "", self._mask.words(said))

    def reset(self, answer: bytes) -> None:
        """What a card answered to power."""
        if self._mask is not None:
            self._mask.powered()
        self._frame("<", "atr", answer.hex().upper(), "answer to reset")

    def power_off(self) -> None:
        """The power was taken away."""
        self._frame(">", "power_off", "", "power off")

    def command(self, apdu: bytes) -> None:
        """A command to a card."""
        digits = self._mask.command(apdu)
        # What is hidden in the data shall not stand in their meaning either.
        self._frame(">", "apdu", digits, meaning.of_command(apdu[:4] if "*" in digits else apdu))

    def response(self, response: bytes) -> None:
        """A card's response."""
        digits = self._mask.response(response)
        self._frame("<", "apdu", digits, meaning.of_response(response))

    def track(self, direction: str, text: bytes | None, means: str, **more: str) -> None:
        """One track of a stripe, that was read or shall be written; None where nothing was read."""
        digits = "" if text is None else self._mask.track(text)
        self._frame(direction, "swipe", digits, means, **more)

    def close(self) -> None:
        """Nothing more is written."""
        self._file.close()

    def _frame(self, direction: str, kind: str, digits: str, means: str, **more: str) -> None:
        us = round((self._clock() - self._began) * 1_000_000)
        self._write({"us": us, "dir": direction, "kind": kind, "hex": digits, "means": means, **more})

    def _write(self, line: dict[str, Any]) -> None:
        if self._file.closed:
            return  # the link is closed too, and says so itself
        try:
            rest = memoryview(json.dumps(line).encode("ascii") + b"\n")
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            raise DriverError(f"{self._where} cannot be written: {error}.", "Is the disk full?") from error


class _Recorded(Closing):
    def __init__(self, link: Any, book: Book) -> None:
        self.link = link
        self._book = book

    def close(self) -> None:
        """Let go of the device, and of the file."""
        try:
            self.link.close()
        finally:
            self._book.close()

    def __getattr__(self, name: str) -> Any:
        """What the link can do besides; that is not written down."""
        return getattr(self.link, name)

    def _noted(self, do: Callable[[], T]) -> T:
        try:
            return do()
        except OSError as error:
            self._book.error(error)
            raise


class RecordedCard(_Recorded):
    """A card link that is written down."""

    @property
    def present(self) -> bool:
        """True while a card is there."""
        return bool(self.link.present)

    def power_on(self) -> bytes:
        """What the card answers to power."""
        answer: bytes = self._noted(self.link.power_on)
        self._book.reset(answer)
        return answer

    def transmit(self, apdu: bytes) -> bytes:
        """What the card answers to a command."""
        self._book.command(apdu)
        answer: bytes = self._noted(lambda: self.link.transmit(apdu))
        self._book.response(answer)
        return answer

    def power_off(self) -> None:
        """Take the power away."""
        self._noted(self.link.power_off)
        self._book.power_off()

    def wait(self, present: bool, timeout_s: float) -> bool:
        """Wait for a card, or for its absence."""
        came = bool(self._noted(lambda: self.link.wait(present, timeout_s)))
        if came:
            self._book.event("inserted" if present else "removed", "a card is there" if present else "no card is there")
        return came


class RecordedSwipes(_Recorded):
    """A reader of stripes that is written down: a frame for each track of a pass, an empty one where nothing was."""

    def read(self, timeout_s: float) -> Swipe | None:
        """The next pass, or None."""
        swipe: Swipe | None = self._noted(lambda: self.link.read(timeout_s))
        if swipe is not None:
            for number, track in enumerate(swipe.tracks, 1):
                means = f"track {number}" if track is not None else f"track {number}: nothing"
                self._book.track("<", track, means, **(_about(swipe) if number == len(swipe.tracks) else {}))
        return swipe


class RecordedWriter(RecordedSwipes):
    """The same of one that also writes."""

    def write(self, tracks: Tracks, timeout_s: float = 30.0) -> None:
        """Write a card."""
        for number, track in enumerate(tracks, 1):
            if track is not None:
                self._book.track(">", track, f"write track {number}")
        self._noted(lambda: self.link.write(tracks, timeout_s))

    def erase(self, which: tuple[bool, bool, bool], timeout_s: float = 30.0) -> None:
        """Erase a card."""
        named = ", ".join(str(number) for number, wanted in enumerate(which, 1) if wanted)
        self._book.track(">", None, f"erase track {named}")
        self._noted(lambda: self.link.erase(which, timeout_s))

    def set_coercivity(self, high: bool) -> None:
        """High or low."""
        self._noted(lambda: self.link.set_coercivity(high))


def _about(swipe: Swipe) -> dict[str, str]:
    """What stands beside the last track of a pass."""
    return {"method": swipe.method} | ({"problem": swipe.problem} if swipe.problem else {})


def _opened(path: str | os.PathLike[str]) -> FileIO:
    """A new file that only its owner may read; unbuffered, so that a frame is there once it has crossed."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        return FileIO(descriptor, "w")
    except (OSError, ValueError) as error:
        problem = getattr(error, "strerror", None) or error
        raise DriverError(f"{os.fspath(path)} cannot be written: {problem}.", "Choose another file.") from error
