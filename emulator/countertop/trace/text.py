"""A trace as text: steps as headings, APDUs with their data objects, decisions with their reasons."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from typing import Any

from countertop.trace import decode

WIDTH = 100
INDENT = " " * 11
ICC_DATA = "55 "
Entry = dict[str, Any]


def render(trace: Entry) -> str:
    """The whole trace, in lines of about a hundred columns."""
    return "\n".join(_all(trace)) + "\n"


def _all(trace: Entry) -> Iterator[str]:
    yield f"{trace['object']}  {trace.get('type', '')}  reader {trace.get('reader', '')}  {trace.get('serial', '')}"
    why = f": {trace['why']}" if trace.get("why") else ""
    yield f"{trace.get('outcome', 'unfinished')}{why}"
    start = int(trace.get("started_ms", 0))
    for entry in decode.with_kernels(trace["entries"]):
        write = _WRITERS.get(entry.get("kind", ""))
        if write is not None:
            offset = f"{int(entry.get('at', start)) - start:>6} ms  "
            for number, line in enumerate(write(entry)):
                yield (offset if number == 0 else INDENT) + line if line else ""


def _step(entry: Entry) -> Iterator[str]:
    name = str(entry["name"])
    yield f"── {name} " + "─" * max(WIDTH - len(INDENT) - len(name) - 4, 3)


def _apdu(entry: Entry) -> Iterator[str]:
    command, response = str(entry["command"]), str(entry["response"])
    word, means = decode.status(response)
    yield f"{entry['name']}"
    if command:
        yield from _wrapped("→ ", command)
    yield from _wrapped("← ", response)
    if word and command:
        yield f"  {word} {means}".rstrip()
        yield from _objects(response[:-4], entry["kernel"])


def _objects(text: str, kernel: str) -> Iterator[str]:
    for line in decode.lines(text, kernel):
        head = f"  {'  ' * line.depth}{line.tag:<5} {line.name}"
        if not line.value:
            yield head
            continue
        said = f"  ({line.says})" if line.says else ""
        whole = f"{head}: {line.value}{said}"
        if len(whole) <= WIDTH - len(INDENT):
            yield whole
        else:
            yield head + ":"
            yield from _wrapped("  " * line.depth + "        ", line.value)
            if said:
                yield from textwrap.wrap(said.strip(), WIDTH - 24, initial_indent=" " * 8, subsequent_indent=" " * 9)


def _decision(entry: Entry) -> Iterator[str]:
    yield f"· {entry['name']}: {entry['result']}" + (f": {entry['why']}" if entry.get("why") else "")


def _prompt(entry: Entry) -> Iterator[str]:
    yield f"? {entry['name']}: {entry['answer']}"


def _host(entry: Entry) -> Iterator[str]:
    yield f"⇄ {entry['name']}"
    for name, value in entry["fields"].items():
        if not value:
            continue
        yield from _wrapped(f"  {name}: ", str(value))
        if name.startswith(ICC_DATA):
            yield from (f"  {line}" for line in _objects(str(value), entry["kernel"]))


def _outcome(entry: Entry) -> Iterator[str]:
    yield f"═ {entry['name']}: {entry['why']}"


def _wrapped(head: str, text: str) -> Iterator[str]:
    room = WIDTH - len(INDENT) - len(head)
    pieces = [text[at : at + room] for at in range(0, len(text), room)] or [""]
    yield head + pieces[0]
    for piece in pieces[1:]:
        yield " " * len(head) + piece


_WRITERS: dict[str, Callable[[Entry], Iterator[str]]] = {
    "step": _step,
    "apdu": _apdu,
    "decision": _decision,
    "prompt": _prompt,
    "host": _host,
    "outcome": _outcome,
}
