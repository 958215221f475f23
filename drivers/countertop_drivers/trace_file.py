"""Recorded exchanges with a card, as text: one line for each thing that crossed the cable.

::

    # a comment
    atr 3B6500002063CBA000
    > 00A404000E315041592E5359532E444446303100
    < 6A82

``atr`` is what powering on answered, ``>`` a command, ``<`` its response; bytes are hexadecimal, spaces
between them are allowed.  Every response follows its command; a second ``atr`` line is a card that was
powered on again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from countertop_drivers.errors import TraceError

SHORTEST = {"atr": 2, ">": 4, "<": 2}
NAMES = {"atr": "an ATR", ">": "a command", "<": "a response"}


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a recording.  ``kind`` is ``atr``, ``>`` or ``<``; lines count from 1."""

    line: int
    kind: str
    data: bytes


def parse(text: str, where: str = "the recording") -> list[Step]:
    """The steps of a recording.  Raises TraceError naming the line that is wrong."""
    steps: list[Step] = []
    for step in _lines(text, where):
        before = steps[-1].kind if steps else None
        if before is None and step.kind != "atr":
            raise TraceError(f"{where}, line {step.line}: it must begin with an atr line.")
        if (step.kind == "<") != (before == ">"):
            problem = "a response without its command" if step.kind == "<" else "the command before it has no response"
            raise TraceError(f"{where}, line {step.line}: {problem}.")
        steps.append(step)
    if not steps:
        raise TraceError(f"{where} holds no exchange.", "The first line is: atr HEX")
    if steps[-1].kind == ">":
        raise TraceError(f"{where}, line {steps[-1].line}: the last command has no response.")
    return steps


def _lines(text: str, where: str) -> Iterator[Step]:
    for number, line in enumerate(text.splitlines(), 1):
        content = line.partition("#")[0].strip()
        if not content:
            continue
        kind, _, digits = content.partition(" ")
        if kind not in SHORTEST:
            raise TraceError(f"{where}, line {number}: {kind[:20]!r} is none of: atr, >, <")
        try:
            data = bytes.fromhex(digits)
        except ValueError:
            raise TraceError(f"{where}, line {number}: {digits[:40]!r} is not hexadecimal.") from None
        if len(data) < SHORTEST[kind]:
            raise TraceError(f"{where}, line {number}: {NAMES[kind]} has {SHORTEST[kind]} bytes or more.")
        yield Step(number, kind, data)
