"""The format of recordings: JSON, a line for each frame.

::

    {"countertop_trace": 1, "url": "ccid:usb", "kind": "card", "began": "2026-11-23T10:15:00+00:00"}
    {"us": 0, "dir": "<", "kind": "atr", "hex": "3B65000020...", "means": "answer to reset"}
    {"us": 812, "dir": ">", "kind": "apdu", "hex": "00A40400...", "means": "SELECT 1PAY.SYS.DDF01"}
    {"us": 1350, "dir": "<", "kind": "apdu", "hex": "6A82", "means": "file or application not found"}

``us``: microseconds since the recording began, never less than on the line before.  ``dir``: ``>`` from the host to
the device, ``<`` back, ``!`` for what happened to the link.  ``kind``: ``atr``, ``apdu``, ``power_off``, ``swipe`` or
``error``.  A masked digit of ``hex`` is an asterisk.  ``means`` is for people; nothing reads it.  Whoever finds a
version that it does not know, or a member it needs and does not find, refuses the file; other members are passed over.
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
KINDS = ("atr", "apdu", "power_off", "swipe", "error")
_HEX = re.compile(r"(?:[0-9A-Fa-f*]{2})*\Z")
LINK_KINDS = ("card", "swipe")


@dataclass(frozen=True, slots=True)
class Frame:
    """One line.  ``digits``: hexadecimal, asterisks where it was masked; ``line`` counts from 1."""

    line: int
    us: int
    direction: str
    kind: str
    digits: str
    means: str = ""

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
    """A whole file.  ``url``: the device; ``kind``: ``card`` or ``swipe``; ``began``: ISO 8601."""

    where: str
    url: str
    kind: str
    began: str
    frames: tuple[Frame, ...]


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
    except OSError as error:
        raise BadAddress(f"{path} cannot be read: {error.strerror or error}.") from error
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
    if head.get(MARK) != VERSION:
        found = head.get(MARK)
        raise TraceError(
            f"{where}, line {number}: this is no recording of version {VERSION}"
            + ("." if found is None else f", but of version {str(found)[:20]}."),
            "Newer recordings want a newer Countertop.",
        )
    kind = _member(head, "kind", str, where, number)
    if kind not in LINK_KINDS:
        raise TraceError(f"{where}, line {number}: kind {kind[:20]!r} is none of {', '.join(LINK_KINDS)}.")
    frames: list[Frame] = []
    for number, line in lines:
        frame = _frame(line, where, number)
        if frames and frame.us < frames[-1].us:
            raise TraceError(f"{where}, line {number}: time runs backwards there.")
        frames.append(frame)
    url, began = str(head.get("url", "")), str(head.get("began", ""))
    return Recording(where, url, kind, began, tuple(frames))


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
    if isinstance(us, bool) or us < 0:
        raise TraceError(f"{where}, line {number}: us is no number of microseconds.")
    if direction not in DIRECTIONS:
        raise TraceError(f"{where}, line {number}: dir {direction[:10]!r} is none of {' '.join(DIRECTIONS)}")
    if kind not in KINDS:
        raise TraceError(f"{where}, line {number}: kind {kind[:20]!r} is none of {', '.join(KINDS)}.")
    if _HEX.match(digits) is None:
        raise TraceError(f"{where}, line {number}: hex is not hexadecimal.")
    return Frame(number, us, direction, kind, digits, str(line.get("means", "")))


def _member(line: dict[str, Any], name: str, kind: type, where: str, number: int) -> Any:
    value = line.get(name)
    if not isinstance(value, kind):
        raise TraceError(f"{where}, line {number}: it has no {name}.")
    return value
