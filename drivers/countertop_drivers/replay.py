"""``replay:PATH``: a card that answers as a recording says, and only to what was asked then."""

from __future__ import annotations

from pathlib import Path

from countertop_drivers.errors import BadAddress, CardAbsent, TraceError
from countertop_drivers.link import Closing, poll
from countertop_drivers.trace_file import Step, parse

LARGEST_FILE = 4 * 1024 * 1024


class ReplayLink(Closing):
    """Plays one recording.  Strict: a command that was not recorded at this place is a TraceError."""

    def __init__(self, steps: list[Step], where: str = "the recording") -> None:
        self._steps = steps
        self._where = where
        self._next = 0
        self._powered = False

    @classmethod
    def from_details(cls, details: str) -> ReplayLink:
        """Open ``replay:PATH``.

        Raises BadAddress when there is no such file, TraceError when it is malformed.
        """
        path = Path(details).expanduser()
        try:
            with path.open("rb") as file:
                content = file.read(LARGEST_FILE + 1)
        except OSError as error:
            raise BadAddress(f"replay:{details} cannot be read: {error.strerror or error}.") from error
        if len(content) > LARGEST_FILE:
            raise BadAddress(f"replay:{details} is larger than {LARGEST_FILE // 2**20} MiB; that is no recording.")
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise TraceError(f"{details} is not text: {error}.") from None
        return cls(parse(text, details), details)

    @property
    def present(self) -> bool:
        """Always True: a recorded card stays."""
        return True

    @property
    def finished(self) -> bool:
        """True when everything that was recorded has been played."""
        return self._next == len(self._steps)

    def power_on(self) -> bytes:
        """The recorded ATR: the next one when it is due, else the first, and the recording begins again."""
        if self.finished or self._steps[self._next].kind != "atr":
            self._next = 0
        step = self._steps[self._next]
        self._next += 1
        self._powered = True
        return step.data

    def transmit(self, apdu: bytes) -> bytes:
        """The recorded response.

        Raises TraceError, naming line and bytes, when this is not the recorded command.
        """
        if not self._powered:
            raise CardAbsent("The card has no power.", "Call power_on().")
        if self.finished:
            raise TraceError(f"{self._where} ends before the command {_hex(apdu)}.", "Record a longer exchange.")
        expected = self._steps[self._next]
        if expected.kind != ">":
            raise TraceError(
                f"{self._where}, line {expected.line}: the card was powered on again here, but {_hex(apdu)} was sent."
            )
        if expected.data != apdu:
            raise TraceError(f"{self._where}, line {expected.line}: expected {_hex(expected.data)}, got {_hex(apdu)}.")
        self._next += 2
        return self._steps[self._next - 1].data

    def power_off(self) -> None:
        """Take the power away; the place in the recording is kept for a power-on that was recorded."""
        self._powered = False

    def wait(self, present: bool, timeout_s: float) -> bool:
        """A recorded card stays: at once for its presence, never for its absence."""
        return poll(lambda: self.present, present, timeout_s)

    def close(self) -> None:
        """Take the power away."""
        self._powered = False


def _hex(data: bytes) -> str:
    return data.hex().upper() or "nothing"
