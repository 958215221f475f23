"""What all panels share: the fleet, the way to the server, what was done, the log, the card in hand."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from countertop.client import ServerClient
from countertop_tui.asking import Asking, Post
from countertop_tui.deeds import Deed
from countertop_tui.fleet_rows import FleetRows
from countertop_tui.log_lines import LogLines
from countertop_tui.memory import Memory
from countertop_tui.summary import Sales

T = TypeVar("T")
MOST_DEEDS = 200
NOT_THERE = "The server is not there."


class Say(Protocol):
    """Tells the person in front of the screen something."""

    def __call__(self, message: str, *, title: str = "", severity: Any = "information") -> None: ...


@dataclass(slots=True)
class Kinds:
    """What there is to choose from, asked for once: faults, models, cards."""

    faults: list[dict[str, Any]] = field(default_factory=list)
    models: list[dict[str, Any]] = field(default_factory=list)
    cards: list[dict[str, Any]] = field(default_factory=list)


class Desk:
    """``url``: the server; ``key``: the account that new things are of."""

    def __init__(self, url: str, key: str, memory: Memory, post: Post, say: Say) -> None:
        self.url, self.key, self.memory = url, key, memory
        self.rows = FleetRows()
        self.sales = Sales()
        self.log = LogLines()
        self.deeds: deque[Deed] = deque(maxlen=MOST_DEEDS)
        self.kinds = Kinds()
        self.now_ms = 0
        self.there = False
        """Whether the server is known to be there, and to be one of ours: nobody else is asked anything."""
        self._say = say
        self._asking = Asking(url, key, post)

    def ask(
        self,
        work: Callable[[ServerClient], T],
        then: Callable[[T], None],
        failed: Callable[[str], None] = lambda why: None,
    ) -> None:
        """Ask the server for something to show; failures are left to the banner unless somebody wants them."""
        if self.there:
            self._asking.ask(work, then, failed)
        else:
            failed(NOT_THERE)

    def do(self, deed: Deed, work: Callable[[ServerClient], T], then: Callable[[T], None] = lambda done: None) -> None:
        """Do something, and write down how it is done elsewhere; what goes wrong is said."""

        def recorded(client: ServerClient) -> T:
            client.asked = deed.asked
            try:
                return work(client)
            finally:
                client.asked = None

        def done(answer: T) -> None:
            self._note(deed, "")
            then(answer)

        def failed(why: str) -> None:
            self._note(deed, why)
            self._say(why, title=deed.title, severity="error")

        if self.there:
            self._asking.ask(recorded, done, failed)
        else:
            failed(NOT_THERE)

    def stop(self) -> None:
        """Ask no more."""
        self._asking.stop()

    def _note(self, deed: Deed, why: str) -> None:
        self.deeds.append(deed)
        text = f"{deed.title}: {why}" if why else deed.title
        self.log.add(
            self.now_ms, "done" if not why else "refused", text, [deed.command, *deed.curl(self.url).split("\n")]
        )
