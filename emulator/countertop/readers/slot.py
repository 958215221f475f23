"""The card slot: the kernel at work on the card that is in it, or in the field before it.

A slot lives in memory only, for as long as the card is at work.  What must outlast it is kept elsewhere: the card's
counters as a row, what the reader learnt in the sale.  A sale whose rows went back (a commit that failed) finds a slot
that is ahead of it, by the number of its ``steps``, and wants the card once more.
"""

from __future__ import annotations

from collections.abc import Callable

from countertop.cards.card import SimulatedCard
from countertop.cards.chip import CardGone, ChipState, VirtualChip
from countertop.cards.link import CardCollision, CardLink
from countertop.emv.kernel import (
    ApplicationRead,
    ChooseApplication,
    EnterPin,
    GoOnline,
    Note,
    Outcome,
    PowerOn,
    Silence,
    Steps,
    Transmit,
)
from countertop.readers.trail import Trail

# More than a kernel ever takes with one card, so that no two slots are ever at the same step.
MOST_STEPS = 10_000
Prompt = ChooseApplication | ApplicationRead | EnterPin | GoOnline
Answer = object


class Slot:
    """A card and the kernel that runs against it.

    ``number``: no other slot has it.  ``card``: which of ours it is; ``kept``: what its row says of it.  ``next``: what
    the kernel wants, while the screen is not as far yet.  ``networks``: what the applications run on, in the order of
    the kernel's candidates.  ``over_the_air``: the card is held to the reader, and gone once it has said its word.
    """

    def __init__(
        self,
        number: int,
        link: CardLink,
        trail: Trail,
        now: Callable[[], int],
        card: SimulatedCard | None = None,
        *,
        over_the_air: bool = False,
    ) -> None:
        self.link = link
        self.over_the_air = over_the_air
        self.card = card
        self.kept: tuple[ChipState, str] | None = None
        self.steps = number * MOST_STEPS
        self.next: Prompt | Outcome | None = None
        self.networks: tuple[str, ...] = ()
        self._trail = trail
        self._now = now
        self._kernel: Steps[Outcome] | None = None
        self._pulled = False

    @property
    def chip(self) -> VirtualChip | None:
        """The card, when it is one of ours."""
        return self.link if isinstance(self.link, VirtualChip) else None

    @property
    def right_pin(self) -> str:
        """The PIN of the card; empty when nobody here knows it."""
        return self.chip.pin if self.chip is not None else ""

    def begin(self, kernel: Steps[Outcome]) -> Prompt | Outcome:
        """Start a transaction; returns the first thing that it wants."""
        self._kernel = kernel
        return self.go_on(None)

    def go_on(self, answer: Answer) -> Prompt | Outcome:
        """Answer what the kernel wanted; returns what it wants next, or how the transaction ended."""
        assert self._kernel is not None, "a transaction was begun"
        self.steps += 1
        try:
            while True:
                event = self._kernel.send(answer)
                answer = self._do(event) if isinstance(event, Note | PowerOn | Transmit) else None
                if not isinstance(event, Note | PowerOn | Transmit):
                    self.next = event
                    return event
        except StopIteration as end:
            outcome: Outcome = end.value
        self._kernel = None
        self._power_off()
        self._trail.outcome(self._now(), outcome)
        self.next = outcome
        return outcome

    def pull(self) -> None:
        """The card leaves the slot."""
        self._pulled = True

    def close(self) -> None:
        """Nobody wants anything of the card any more."""
        self._kernel = None
        self._power_off()

    def _do(self, event: Note | PowerOn | Transmit) -> Answer:
        match event:
            case Note():
                self._trail.note(self._now(), event)
                return None
            case PowerOn():
                answer = self._ask(self.link.power_on)
                self._trail.reset(self._now(), answer, over_the_air=self.over_the_air)
                return answer
        command = event.command
        answer = self._ask(lambda: self.link.transmit(command))
        self._trail.apdu(self._now(), event, answer)
        return answer

    def _ask(self, ask: Callable[[], bytes]) -> bytes | Silence:
        if self._pulled:
            return Silence.REMOVED
        try:
            return ask()
        except CardCollision:
            return Silence.COLLISION
        except CardGone:
            self._pulled = True
            return Silence.REMOVED
        except OSError:
            return Silence.MUTE if self.link.present else Silence.REMOVED
        except Exception as error:  # a stranger's link: a defect of it must not stop the reader
            if self.chip is not None:
                raise
            defect = f"{type(error).__name__}: {error}"
            self._trail.note(self._now(), Note("decision", "card link", "defective", defect))
            return Silence.MUTE

    def _power_off(self) -> None:
        if self._pulled:
            return
        try:
            self.link.power_off()
        except OSError:
            self._pulled = not self.link.present
