"""What the kernel wants of the world, one event at a time, and what it is answered.

The kernel is a generator: whoever drives it sends back an answer to each event (None to a :class:`Note`).  It does no
input or output itself, so that the same kernel runs a virtual card in one go and a real one over a slow cable.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal, TypeVar


class Silence(Enum):
    """Answers of a card that gives none."""

    MUTE = "mute"
    REMOVED = "removed"
    COLLISION = "collision"
    """Several contactless cards answer at once."""


@dataclass(frozen=True, slots=True)
class PowerOn:
    """Reset the card.  Answer: its ATR, over the air its ATS; or a Silence."""

    warm: bool = False


@dataclass(frozen=True, slots=True)
class Transmit:
    """Send a command.  Answer: the response with its status bytes, or a Silence."""

    command: bytes = field(repr=False)
    name: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """An application that card and terminal both have.

    ``label``: what to call it on a screen.  ``priority``: 1 is the highest, 15 and no priority the lowest.
    ``confirm``: the card wants its holder to agree.
    """

    aid: bytes
    terminal_aid: bytes
    label: str
    priority: int
    confirm: bool


@dataclass(frozen=True, slots=True)
class ChooseApplication:
    """Several applications, or one that wants to be confirmed.  Answer: an index, or None to end the transaction."""

    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class ApplicationRead:
    """The records are read and nothing has been decided; a contactless card has given its cryptogram, and may go.

    Answer: anything, as soon as the transaction is to go on.  ``data``: data objects by tag.
    """

    data: Mapping[int, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class EnterPin:
    """Ask the cardholder for the PIN.

    Answer for ``where="card"``: its digits; for ``"issuer"`` whether one was entered (the kernel never sees it).  None
    or False: the cardholder passes the PIN over.  ``tries_left`` is None when the card does not say.
    """

    where: Literal["card", "issuer"]
    tries_left: int | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class GoOnline:
    """Ask the issuer.  Answer: an OnlineAnswer, or None when it cannot be reached.  ``data``: objects by tag."""

    data: Mapping[int, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class OnlineAnswer:
    """What the issuer said.

    ``response_code``: two characters of field 39.  ``emv``: its data objects (91, 71, 72) as they came.
    """

    approved: bool
    response_code: str
    emv: bytes = b""


@dataclass(frozen=True, slots=True)
class Note:
    """Something for the trace.

    ``step``: a part of the transaction begins.  ``decision``: what was decided, and why.
    """

    kind: Literal["step", "decision"]
    name: str
    result: str = ""
    why: str = ""


Event = PowerOn | Transmit | ChooseApplication | ApplicationRead | EnterPin | GoOnline | Note
Result = Literal[
    "approved", "declined", "terminated", "fallback", "removed", "try_again", "another_interface", "see_phone"
]
"""How a transaction ends.  ``fallback``: the chip cannot be read, its stripe may be.  ``removed``: it is gone.

Of contactless ones only: ``try_again``: it was not understood.  ``another_interface``: the card is to be inserted.
``see_phone``: its holder has something to do on the device, and presents it again.
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a transaction.

    ``reason``: one word for programs (``pin_try_exceeded``, ``card_blocked`` …), ``why`` for people.  ``online``: the
    issuer was asked.  ``reverse``: it approved, and must be told that nothing came of it.  ``data``: objects by tag.
    """

    result: Result
    reason: str
    why: str
    online: bool = False
    reverse: bool = False
    data: Mapping[int, bytes] = field(default_factory=dict, repr=False)


T = TypeVar("T")
Steps = Generator[Event, Any, T]
"""A part of the kernel: yields events, is sent their answers, returns its result."""


class Ended(Exception):
    """The transaction ends here; raised inside the kernel only."""

    def __init__(self, result: Result, reason: str, why: str) -> None:
        super().__init__(why)
        self.result = result
        self.reason = reason
        self.why = why
