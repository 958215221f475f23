"""What a sale leaves behind: the entries of its trace, in memory until a message takes them to the platform."""

from __future__ import annotations

from typing import Any

from countertop.emv.kernel import Note, Outcome, Silence, Transmit
from countertop.gateway import TraceEntry
from countertop.trace.mask import Mask

SILENT = frozenset(silence.value for silence in Silence)
"""What stands in the place of a response that a card did not give."""


class Trail:
    """Entries since the last message.  Nothing leaves here unmasked."""

    def __init__(self) -> None:
        self._entries: list[TraceEntry] = []
        self._pans: set[str] = set()
        self._guest = False
        self._guests_before = False

    def knows(self, pan: str) -> None:
        """A PAN that must not be seen."""
        self._pans.add(pan)

    def presented(self, *, guest: bool) -> None:
        """Another card is at the reader; a ``guest``, from a real device, may be somebody's own."""
        self._guests_before = self._guests_before or (self._guest and bool(self._entries))
        self._guest = guest

    def is_ours(self) -> None:
        """The card is none of anybody's: what it says may be seen."""
        self._guest = False

    def note(self, at: int, note: Note) -> None:
        """A step or a decision of the kernel."""
        if note.kind == "step":
            self.step(at, note.name)
        else:
            self.decision(at, note.name, note.result, note.why)

    def step(self, at: int, name: str) -> None:
        """A part of the sale begins."""
        self._add("step", at, name=name)

    def decision(self, at: int, name: str, result: str, why: str) -> None:
        """Something was decided."""
        self._add("decision", at, name=name, result=result, why=why)

    def clear(self) -> None:
        """What was written down belongs to an action that is over."""
        self._entries.clear()
        self._guests_before = False

    def reset(self, at: int, answer: bytes | Silence, *, over_the_air: bool) -> None:
        """The card was reset, or selected over the air."""
        name = "answer to select" if over_the_air else "answer to reset"
        self._add("apdu", at, name=name, command="", response=_text(answer))

    def apdu(self, at: int, sent: Transmit, answer: bytes | Silence) -> None:
        """A command and its response."""
        self._add("apdu", at, name=sent.name, command=sent.command.hex().upper(), response=_text(answer))

    def prompt(self, at: int, name: str, answer: str) -> None:
        """The screen asked, and somebody answered."""
        self._add("prompt", at, name=name, answer=answer)

    def outcome(self, at: int, outcome: Outcome) -> None:
        """How a transaction ended."""
        self._add("outcome", at, name=outcome.result, why=outcome.why)

    def take(self) -> tuple[TraceEntry, ...]:
        """All entries, masked; they are nobody's afterwards."""
        if not self._entries:
            return ()
        mask = Mask(self._pans, guest=self._guest or self._guests_before)
        taken = tuple(_masked(entry, mask) for entry in self._entries)
        self.clear()
        return taken

    def _add(self, kind: str, at: int, **says: Any) -> None:
        self._entries.append({"kind": kind, "at": at, **says})


def _masked(entry: TraceEntry, mask: Mask) -> TraceEntry:
    # An answer to reset is no data object, and holds nothing of its card's holder.
    if entry["kind"] != "apdu" or not entry["command"]:
        return entry
    response = entry["response"]
    shown = response if response in SILENT else mask.response(response)
    return entry | {"command": mask.command(entry["command"]), "response": shown}


def _text(answer: bytes | Silence) -> str:
    return answer.value if isinstance(answer, Silence) else answer.hex().upper()
