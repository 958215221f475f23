"""Where in a TOML text a key stands; the parser itself does not tell."""

from __future__ import annotations

import re
from collections.abc import Sequence

Path = Sequence[str | int]
"""Names of tables and keys with positions in arrays: ``("reader", 2, "fault", 0, "at")``."""
HEADER = re.compile(r"\s*\[{1,2}\s*([^\]]*?)\s*\]")


def dotted(path: Path) -> str:
    """A path as people write it, without the positions: ``reader.fault.at``."""
    return ".".join(part for part in path if isinstance(part, str))


def line_of(text: str, path: Path) -> int:
    """The number (from 1) of the line that a path stands in, or the nearest above it."""
    lines = text.splitlines()
    start, end, at = 0, len(lines), 0
    table = ""
    parts = list(path)
    while parts:
        name = str(parts.pop(0))
        table = f"{table}.{name}" if table else name
        position = parts.pop(0) if parts and isinstance(parts[0], int) else 0
        headers = [number for number in range(start, end) if _header(lines[number]) == table]
        if int(position) < len(headers):
            at = headers[int(position)]
            start, end = at + 1, _end_of(lines, at, end, table)
            continue
        key = re.compile(rf"\s*[\"']?{re.escape(name)}[\"']?\s*[.=]")
        for number in range(start, end):
            if HEADER.match(lines[number]):
                break
            if key.match(lines[number]):
                return number + 1
        deeper = [number for number in range(start, end) if _header(lines[number]).startswith(f"{table}.")]
        if not deeper:
            break
        at = deeper[0]  # [a.b.c] makes b as well
    return at + 1


def _header(line: str) -> str:
    found = HEADER.match(line)
    return re.sub(r"[\s\"']", "", found[1]) if found else ""


def _end_of(lines: list[str], at: int, end: int, table: str) -> int:
    """Where a table ends: at the next header that is not of a table inside it."""
    for number in range(at + 1, end):
        header = _header(lines[number])
        if header and not header.startswith(f"{table}."):
            return number
    return end
