"""A trace as it is written out, taken apart into steps, entries and their lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

STEP = re.compile(r"^ *\d+ ms  ── (?P<name>.+?) ─+$")
ENTRY = re.compile(r"^ *(?P<offset>\d+) ms  (?P<text>.+)$")


@dataclass(slots=True)
class TraceEntry:
    """One command, decision, message or prompt: its first line, and what stands below it."""

    offset_ms: int
    title: str
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join([self.title, *self.lines])


@dataclass(slots=True)
class TraceStep:
    """A step of a transaction, with what happened in it."""

    name: str
    entries: list[TraceEntry] = field(default_factory=list)


@dataclass(slots=True)
class TraceTree:
    """A trace: whose it is, how it ended, its steps."""

    heading: str
    outcome: str
    steps: list[TraceStep]


def parse(text: str) -> TraceTree:
    """Take the text of a trace apart (docs/traces.md shows one)."""
    lines = text.splitlines()
    tree = TraceTree(lines[0] if lines else "", lines[1] if len(lines) > 1 else "", [])
    for line in lines[2:]:
        step, entry = STEP.match(line), ENTRY.match(line)
        if step is not None:
            tree.steps.append(TraceStep(step["name"]))
        elif entry is not None:
            if not tree.steps:
                tree.steps.append(TraceStep("before anything"))
            tree.steps[-1].entries.append(TraceEntry(int(entry["offset"]), entry["text"].strip()))
        elif line.strip() and tree.steps and tree.steps[-1].entries:
            tree.steps[-1].entries[-1].lines.append(line[11:].rstrip())
    return tree
