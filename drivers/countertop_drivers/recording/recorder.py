"""Writes down what crosses a link while it is used, each frame as soon as it has crossed."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TextIO

from countertop_drivers.errors import DriverError
from countertop_drivers.link import CardLink, Closing, Link, Swipe, Tracks, TrackWriter
from countertop_drivers.recording import masking, meaning
from countertop_drivers.recording.format import MARK, VERSION


def recorded(
    link: Link,
    path: str | os.PathLike[str],
    url: str,
    *,
    clock: Callable[[], float] = time.monotonic,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> RecordedCard | RecordedSwipes:
    """The same link, which writes to ``path`` what crosses it.  ``clock`` counts seconds.

    Raises DriverError when the file cannot be written; the file is new, and nobody else may read it.
    """
    kind = "card" if isinstance(link, CardLink) else "swipe"
    book = Book(_opened(path), str(path), clock)
    book.head({MARK: VERSION, "url": url, "kind": kind, "began": now().isoformat(timespec="seconds")})
    if isinstance(link, CardLink):
        return RecordedCard(link, book)
    return RecordedWriter(link, book) if isinstance(link, TrackWriter) else RecordedSwipes(link, book)


class Book:
    """The file, line by line."""

    def __init__(self, file: TextIO, where: str, clock: Callable[[], float]) -> None:
        self._file = file
        self._where = where
        self._clock = clock
        self._began = clock()

    def head(self, line: dict[str, Any]) -> None:
        """The first line."""
        self._write(line)

    def frame(self, direction: str, kind: str, digits: str, means: str) -> None:
        """One frame, as it may be seen."""
        us = round((self._clock() - self._began) * 1_000_000)
        self._write({"us": us, "dir": direction, "kind": kind, "hex": digits, "means": means})

    def error(self, error: OSError) -> None:
        """What went wrong instead of an answer."""
        self.frame("!", "error", "", f"{type(error).__name__}: {getattr(error, 'message', error)}")

    def close(self) -> None:
        """Nothing more is written."""
        self._file.close()

    def _write(self, line: dict[str, Any]) -> None:
        try:
            self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
            self._file.flush()
        except (OSError, ValueError) as error:
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
        return getattr(self.link, name)


class RecordedCard(_Recorded):
    """A card link that is written down."""

    @property
    def present(self) -> bool:
        """True while a card is there."""
        return bool(self.link.present)

    def power_on(self) -> bytes:
        """What the card answers to power."""
        try:
            answer: bytes = self.link.power_on()
        except OSError as error:
            self._book.error(error)
            raise
        self._book.frame("<", "atr", answer.hex().upper(), "answer to reset")
        return answer

    def transmit(self, apdu: bytes) -> bytes:
        """What the card answers to a command."""
        self._book.frame(">", "apdu", masking.command(apdu), meaning.of_command(apdu))
        try:
            answer: bytes = self.link.transmit(apdu)
        except OSError as error:
            self._book.error(error)
            raise
        self._book.frame("<", "apdu", masking.response(answer), meaning.of_response(answer))
        return answer

    def power_off(self) -> None:
        """Take the power away."""
        self.link.power_off()
        self._book.frame(">", "power_off", "", "power off")

    def wait(self, present: bool, timeout_s: float) -> bool:
        """Wait for a card, or for its absence."""
        return bool(self.link.wait(present, timeout_s))


class RecordedSwipes(_Recorded):
    """A reader of stripes that is written down: a frame for each track of a pass, an empty one where nothing was."""

    def read(self, timeout_s: float) -> Swipe | None:
        """The next pass, or None."""
        try:
            swipe: Swipe | None = self.link.read(timeout_s)
        except OSError as error:
            self._book.error(error)
            raise
        if swipe is not None:
            for number, track in enumerate(swipe.tracks, 1):
                means = f"track {number}" + ("" if track is not None else ": nothing")
                means += f" ({swipe.problem})" if swipe.problem and number == 3 else ""
                self._book.frame("<", "swipe", "" if track is None else masking.track(track), means)
        return swipe


class RecordedWriter(RecordedSwipes):
    """The same of one that also writes."""

    def write(self, tracks: Tracks, timeout_s: float = 30.0) -> None:
        """Write a card."""
        for number, track in enumerate(tracks, 1):
            if track is not None:
                self._book.frame(">", "swipe", masking.track(track), f"write track {number}")
        self._try(lambda: self.link.write(tracks, timeout_s))

    def erase(self, which: tuple[bool, bool, bool], timeout_s: float = 30.0) -> None:
        """Erase a card."""
        named = ", ".join(str(number) for number, wanted in enumerate(which, 1) if wanted)
        self._book.frame(">", "swipe", "", f"erase track {named}")
        self._try(lambda: self.link.erase(which, timeout_s))

    def set_coercivity(self, high: bool) -> None:
        """High or low."""
        self.link.set_coercivity(high)

    def _try(self, do: Callable[[], None]) -> None:
        try:
            do()
        except OSError as error:
            self._book.error(error)
            raise


def _opened(path: str | os.PathLike[str]) -> TextIO:
    """A new file that only its owner may read."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        return os.fdopen(descriptor, "w", encoding="utf-8", newline="\n")
    except OSError as error:
        raise DriverError(
            f"{os.fspath(path)} cannot be written: {error.strerror or error}.", "Choose another file."
        ) from error
