"""Plain tables for terminals and pipes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Columns as wide as their widest cell, two spaces apart; the last one is not padded.  None prints as ``-``."""
    texts = [list(head), *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(row[column]) for row in texts) for column in range(len(head))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in texts
    )


def _cell(value: object) -> str:
    return "-" if value is None or value == "" else str(value).replace("\n", " ")
