"""Real-time authorization: asking the account's own decider, and reading its answer (issuing.md §6.6).

A decider is a web address, asked in wall time, or a function of a test.  It is asked outside every transaction: the
authorization is written as pending before, and settled in a transaction of its own afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from countertop.api.scope import Document, Scope
    from countertop.services.issuing.settings import Settings

Outcome = Literal["approved", "declined", "timeout", "error"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a question.  ``timeout``: no answer in time; ``error``: one that cannot be used, for ``why``.

    ``amount``: minor units of the card's currency, of an answer that names one.  ``metadata``: for the authorization.
    """

    outcome: Outcome
    amount: int | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    why: str | None = None


Decider = Callable[["Document"], "Verdict"]
"""Takes an event ``issuing_authorization.request``."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question that is ready to be asked; ``ask`` blocks, up to two seconds of wall time, and never raises."""

    authorization: str
    ask: Callable[[], Verdict]


class RealTime:
    """The deciders of one world."""

    def __init__(self) -> None:
        self._functions: dict[str, Any] = {}

    def question(self, scope: Scope, settings: Settings, authorization: Document) -> Question | None:
        """How to ask about an authorization; None when nobody is to be asked."""
        return None
