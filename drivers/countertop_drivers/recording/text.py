"""A recording as text, for people: time, direction, bytes, and what they mean."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

from countertop_drivers.recording.format import Frame, Recording, is_recording, parse, text_of
from countertop_drivers.recording.masking import readable
from countertop_drivers.recording.meaning import of_command, of_response
from countertop_drivers.trace_file import parse as parse_text

WIDTH = 100
INDENT = " " * 14
#: A pause that is worth a word.
LONG_US = 100_000


def render(recording: Recording | str | Path) -> Iterator[str]:
    """The lines of a recording, or of a file of either format, a hundred columns wide.

    Raises BadAddress when there is no such file, TraceError naming the line that is wrong.
    """
    if not isinstance(recording, Recording):
        recording = either(recording)
    yield _plain(f"{recording.url or recording.where}  {recording.kind}  {recording.began}".rstrip())
    before = 0
    for frame in recording.frames:
        yield from _frame(frame, frame.us - before)
        before = frame.us
    if not recording.frames:
        yield "Nothing crossed the cable."


def either(path: str | Path) -> Recording:
    """A file of either format.  The older one, of text, has no times."""
    text = text_of(path)
    if is_recording(text):
        return parse(text, str(path))
    frames = []
    for step in parse_text(text, str(path)):
        means = {"atr": "answer to reset", ">": of_command(step.data), "<": of_response(step.data)}[step.kind]
        kind, direction = ("atr", "<") if step.kind == "atr" else ("apdu", step.kind)
        frames.append(Frame(step.line, 0, direction, kind, step.data.hex().upper(), means))
    return Recording(str(path), "", "card", "", tuple(frames), masked=False)


def _frame(frame: Frame, after_us: int) -> Iterator[str]:
    head = f"{frame.us / 1000:>10.3f} ms {frame.direction}"
    pause = f"   (+{after_us / 1000:.1f} ms)" if after_us >= LONG_US else ""
    problem = f" ({frame.problem})" if frame.problem else ""
    read = f"  {readable(frame.digits)}" if frame.kind == "swipe" and frame.digits else ""
    yield _plain(f"{head} {frame.means or frame.kind}{read}{problem}{pause}")
    for line in textwrap.wrap(frame.digits, WIDTH - len(INDENT), break_on_hyphens=False):
        yield INDENT + line


def _plain(text: str) -> str:
    """Without what would move a terminal's cursor: a file may come from anywhere."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)
