"""The format of recordings: JSON, a line for each frame.

::

    {"countertop_trace": 1, "url": "ccid:usb", "kind": "card", "began": "2026-11-23T10:15:00+00:00", "masked": true}
    {"us": 0, "dir": "<", "kind": "atr", "hex": "3B65000020...", "means": "answer to reset"}
    {"us": 812, "dir": ">", "kind": "apdu", "hex": "00A40400...", "means": "SELECT 1PAY.SYS.DDF01"}
    {"us": 1350, "dir": "<", "kind": "apdu", "hex": "6A82", "means": "file or application not found"}

In the first line, ``kind`` is ``card`` or ``swipe``, and ``masked`` says whether secrets were to be masked; that
there were none is seen from the frames. In a frame, ``us``: microseconds since the recording began, never less than
on the line before. ``dir``: ``>`` from the host to the device, ``<`` back, ``!`` for what happened to the link.
``kind``: ``atr``, ``apdu``, ``power_off``, ``swipe`` (a track, three of which are a pass; beside the last, ``method``
says how it was read and ``problem`` what was wrong with it), ``inserted``, ``removed`` or ``error``. A masked digit
of ``hex`` is an asterisk. ``means`` is for people; nothing reads it. Whoever finds a version that it does not know,
or a member it needs and does not find, refuses the file; other members are passed over.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from countertop_drivers.errors import BadAddress, TraceError

VERSION = 1
MARK = "countertop_trace"
LARGEST_FILE, LONGEST_LINE = 4 * 1024 * 1024, 300_000
DIRECTIONS = (">", "<", "!")
KINDS = ("atr", "apdu", "power_off", "swipe", "inserted", "removed", "error")
_HEX = re.compile(r"(?:[0-9A-Fa-f*]{2})*\Z")
LINK_KINDS = ("card", "swipe")
LONGEST_US = 10**15  # thirty years


@dataclass(frozen=True, slots=True)
class Frame:
    """One line.  ``digits``: hexadecimal, asterisks where it was masked; ``line`` counts from 1.

    ``problem``: what was wrong with the pass that this track ends; ``method``: how it was read.
    """

    line: int
    us: int
    direction: str
    kind: str
    digits: str
    means: str = ""
    problem: str = ""
    method: str = ""

    @property
    def masked(self) -> bool:
        """Whether something of it is hidden."""
        return "*" in self.digits

    @property
    def data(self) -> bytes:
        """Its bytes.  Raises TraceError when something of it is hidden."""
        if self.masked:
            raise TraceError(f"Line {self.line} is masked.", "Only recordings of test cards are kept whole.")
        return bytes.fromhex(self.digits)


@dataclass(frozen=True, slots=True)
class Recording:
    """A whole file.  ``url``: the device; ``kind``: ``card`` or ``swipe``; ``began``: ISO 8601.

    ``masked``: whether secrets were to be masked; :attr:`hidden` is whether any was.
    """

    where: str
    url: str
    kind: str
    began: str
    frames: tuple[Frame, ...]
    masked: bool = True

    @property
    def hidden(self) -> Frame | None:
        """The first frame of which something is hidden; None when the recording is whole."""
        return next((frame for frame in self.frames if frame.masked), None)


def is_recording(text: str) -> bool:
    """Whether a file begins as a recording does; the older text format does not."""
    return text.lstrip().startswith("{")


def read(path: str | Path) -> Recording:
    """Read a file.  Raises BadAddress when there is none, TraceError naming the line that is wrong."""
    return parse(text_of(path), str(path))


def text_of(path: str | Path) -> str:
    """The text of a file of any of our formats.  Raises BadAddress, TraceError."""
    try:
        with Path(path).expanduser().open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError, RuntimeError) as error:  # a NUL in the name; the home of a user who is none
        raise BadAddress(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    if len(content) > LARGEST_FILE:
        raise BadAddress(f"{path} is larger than {LARGEST_FILE // 2**20} MiB; that is no recording.")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise TraceError(f"{path} is not text: {error}.") from None


def parse(text: str, where: str = "the recording") -> Recording:
    """Read a recording.  Raises TraceError naming the line that is wrong."""
    lines = _lines(text, where)
    try:
        number, head = next(lines)
    except StopIteration:
        raise TraceError(f"{where} is empty.") from None
    found = head.get(MARK)
    if found != VERSION or isinstance(found, bool):
        raise TraceError(
            f"{where}, line {number}: this is no recording of version {VERSION}"
            + ("." if found is None else f", but of version {_short(found)}."),
            "Newer recordings want a newer Countertop.",
        )
    kind = _member(head, "kind", str, where, number)
    if kind not in LINK_KINDS:
        raise TraceError(f"{where}, line {number}: kind {kind[:20]!r} is none of {', '.join(LINK_KINDS)}.")
    masked = _member(head, "masked", bool, where, number)
    frames: list[Frame] = []
    for number, line in lines:
        frame = _frame(line, where, number)
        if frames and frame.us < frames[-1].us:
            raise TraceError(f"{where}, line {number}: time runs backwards there.")
        frames.append(frame)
    return Recording(where, _text(head, "url"), kind, _text(head, "began"), tuple(frames), masked)


def _lines(text: str, where: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        if len(line) > LONGEST_LINE:
            raise TraceError(f"{where}, line {number}: it has {len(line)} characters.")
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            raise TraceError(f"{where}, line {number}: it is no JSON.") from None
        if not isinstance(found, dict):
            raise TraceError(f"{where}, line {number}: it is no JSON object.")
        yield number, found


def _frame(line: dict[str, Any], where: str, number: int) -> Frame:
    us = _member(line, "us", int, where, number)
    direction = _member(line, "dir", str, where, number)
    kind = _member(line, "kind", str, where, number)
    digits = _member(line, "hex", str, where, number)
    if isinstance(us, bool) or not 0 <= us <= LONGEST_US:
        raise TraceError(f"{where}, line {number}: us is no number of microseconds.")
    if direction not in DIRECTIONS:
        raise TraceError(f"{where}, line {number}: dir {direction[:10]!r} is none of {' '.join(DIRECTIONS)}")
    if kind not in KINDS:
        raise TraceError(f"{where}, line {number}: kind {kind[:20]!r} is none of {', '.join(KINDS)}.")
    if _HEX.match(digits) is None:
        raise TraceError(f"{where}, line {number}: hex is not hexadecimal.")
    return Frame(
        number, us, direction, kind, digits, _text(line, "means"), _text(line, "problem"), _text(line, "method")
    )


def _text(line: dict[str, Any], name: str) -> str:
    value = line.get(name)
    return value if isinstance(value, str) else ""


def _short(found: object) -> str:
    return str(found)[:20] if isinstance(found, int | str) else "no number"


def _member(line: dict[str, Any], name: str, kind: type, where: str, number: int) -> Any:
    value = line.get(name)
    if not isinstance(value, kind):
        raise TraceError(f"{where}, line {number}: it has no {name}.")
    return value
