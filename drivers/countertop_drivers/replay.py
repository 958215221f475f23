"""``replay:PATH``: a card or a reader of stripes that answers as a recording says, and only to what was asked then."""

from __future__ import annotations

from countertop_drivers.errors import CardAbsent, TraceError
from countertop_drivers.link import Closing, Swipe, poll
from countertop_drivers.recording.format import Frame, Recording, is_recording, parse, text_of
from countertop_drivers.recording.meaning import of_command
from countertop_drivers.trace_file import NAMES, SHORTEST, Step
from countertop_drivers.trace_file import parse as parse_text


class ReplayLink(Closing):
    """Plays one recording of a card.  Strict: a command that was not recorded at this place is a TraceError."""

    def __init__(self, steps: list[Step], where: str = "the recording") -> None:
        self._steps = steps
        self._where = where
        self._next = 0
        self._powered = False

    @classmethod
    def from_details(cls, details: str) -> ReplayLink | ReplaySwipes:
        """Open ``replay:PATH``, of either format.

        Raises BadAddress when there is no such file, TraceError when it is malformed or masked.
        """
        text = text_of(details)
        if not is_recording(text):
            return cls(parse_text(text, details), details)
        recording = parse(text, details)
        if recording.hidden is not None:
            raise TraceError(
                f"{details} cannot be replayed: something is masked in it, first in line {recording.hidden.line}, "
                "and a masked card would answer with asterisks.",
                "Record a test card: those are kept whole.",
            )
        return ReplaySwipes(recording) if recording.kind == "swipe" else cls(_steps(recording), details)

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

        Raises TraceError, naming the line and the first byte that differs, when this is not the recorded command.
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
            raise TraceError(_deviation(self._where, expected, apdu))
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


class ReplaySwipes(Closing):
    """Plays the swipes of a recording, one after the other; then nobody swipes any more."""

    def __init__(self, recording: Recording) -> None:
        self._passes = _passes(recording)
        self._next = 0

    @property
    def finished(self) -> bool:
        """True when every pass has been read."""
        return self._next == len(self._passes)

    def read(self, timeout_s: float) -> Swipe | None:
        """The next recorded pass, at once; None, at once, when there is none left."""
        if self.finished:
            return None
        self._next += 1
        return self._passes[self._next - 1]

    def close(self) -> None:
        """Nobody swipes any more."""
        self._next = len(self._passes)


def _steps(recording: Recording) -> list[Step]:
    """The exchanges of a card; what happened to the link is left out, with the command that it ended."""
    steps: list[Step] = []
    for frame in recording.frames:
        here = f"{recording.where}, line {frame.line}"
        before = steps[-1].kind if steps else None
        if frame.kind == "error":
            if before == ">":
                steps.pop()
        elif frame.kind == "swipe":
            raise TraceError(f"{here}: a card cannot be swiped in a slot.")
        elif frame.kind in ("atr", "apdu"):
            kind = "atr" if frame.kind == "atr" else frame.direction
            if kind == "!" or (kind == "atr" and frame.direction != "<"):
                raise TraceError(f"{here}: this {frame.kind} has no direction.")
            if before is None and kind != "atr":
                raise TraceError(f"{here}: the card was never powered on.")
            if (kind == "<") != (before == ">"):
                raise TraceError(f"{here}: a command and its response do not follow.")
            if len(frame.data) < SHORTEST[kind]:
                raise TraceError(f"{here}: {NAMES[kind]} has {SHORTEST[kind]} bytes or more.")
            steps.append(Step(frame.line, kind, frame.data))
    if steps and steps[-1].kind == ">":
        steps.pop()
    if not steps:
        raise TraceError(f"{recording.where} holds no exchange.", "Record one: --record FILE")
    return steps


def _passes(recording: Recording) -> list[Swipe]:
    wrong = next((frame for frame in recording.frames if frame.kind in ("atr", "apdu")), None)
    if wrong is not None:
        raise TraceError(f"{recording.where}, line {wrong.line}: a reader of stripes has no {wrong.kind}.")
    read = [frame for frame in recording.frames if frame.kind == "swipe" and frame.direction == "<"]
    if len(read) % 3:
        raise TraceError(f"{recording.where}: a swipe has three tracks, and the last one has not.")
    return [_swipe(read[at], read[at + 1], read[at + 2]) for at in range(0, len(read), 3)]


def _swipe(first: Frame, second: Frame, third: Frame) -> Swipe:
    tracks = (first.data or None, second.data or None, third.data or None)
    return Swipe(tracks, third.method or "iso", third.problem)


def _deviation(where: str, expected: Step, apdu: bytes) -> str:
    """Where two commands part, in lines that stand below each other."""
    both = zip(expected.data, apdu, strict=False)
    at = next((place for place, (left, right) in enumerate(both) if left != right), min(len(expected.data), len(apdu)))
    return (
        f"{where}, line {expected.line}: the command differs from byte {at} on.\n"
        f"  expected {_hex(expected.data)}  {of_command(expected.data)}\n"
        f"  got      {_hex(apdu)}  {of_command(apdu)}\n"
        f"           {'  ' * at}^^"
    )


def _hex(data: bytes) -> str:
    return data.hex().upper() or "nothing"
