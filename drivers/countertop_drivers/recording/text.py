"""A recording as text, for people: time, direction, bytes, and what they mean."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from countertop_drivers.recording.format import Frame, Recording

WIDTH = 100
INDENT = " " * 14


def render(recording: Recording) -> Iterator[str]:
    """Its lines, a hundred columns wide."""
    yield f"{recording.url or recording.where}  {recording.kind}  {recording.began}".rstrip()
    before = 0
    for frame in recording.frames:
        yield from _frame(frame, frame.us - before)
        before = frame.us
    if not recording.frames:
        yield "Nothing crossed the cable."


def _frame(frame: Frame, after_us: int) -> Iterator[str]:
    head = f"{frame.us / 1000:>10.3f} ms {frame.direction}"
    yield f"{head} {frame.means or frame.kind}" + (f"   (+{after_us / 1000:.1f} ms)" if after_us >= 100_000 else "")
    for line in textwrap.wrap(frame.digits, WIDTH - len(INDENT), break_on_hyphens=False):
        yield INDENT + line
