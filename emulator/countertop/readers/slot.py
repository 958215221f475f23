"""The card slot: the kernel at work on the card that is in it, or in the field before it.

A slot lives in memory only, for as long as the card is at work.  What must outlast it is kept elsewhere: the card's
counters as a row, what the reader learnt in the sale.  A sale whose rows went back (a commit that failed) finds a slot
that is ahead of it, by the number of its ``steps``, and wants the card once more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from countertop.cards.card import SimulatedCard
from countertop.cards.chip import CardGone, ChipState, VirtualChip
from countertop.cards.distant import DistantCard
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
from countertop.gateway import AuthorizationAnswer
from countertop.readers.trail import Trail

# More than a kernel ever takes with one card, so that no two slots are ever at the same step.
MOST_STEPS = 10_000


@dataclass(frozen=True, slots=True)
class CardAsked:
    """A card on somebody's bench has been asked, and will answer: :meth:`Slot.card_said`."""

    event: PowerOn | Transmit
    number: int


Prompt = ChooseApplication | ApplicationRead | EnterPin | GoOnline | CardAsked
Answer = object


class Slot:
    """A card and the kernel that runs against it.

    ``number``: no other slot has it.  ``card``: which of ours it is; ``kept``: what its row says of it.  ``next``: what
    the kernel wants, while the screen is not as far yet.  ``networks``: what the applications run on, in the order of
    the kernel's candidates.  ``told``: the issuer's answer, while a card on somebody's bench thinks about it.
    ``over_the_air``: the card is held to the reader, and gone once it has said its word.
    """

    def __init__(
        self,
        number: int,
        link: CardLink | DistantCard,
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
        self.told: AuthorizationAnswer | None = None
        self._trail = trail
        self._now = now
        self._kernel: Steps[Outcome] | None = None
        self._pulled = False

    @property
    def chip(self) -> VirtualChip | None:
        """The card, when it is one of ours."""
        return self.link if isinstance(self.link, VirtualChip) else None

    @property
    def distant(self) -> DistantCard | None:
        """The card, when it is on somebody's bench."""
        return self.link if isinstance(self.link, DistantCard) else None

    @property
    def asked(self) -> CardAsked | None:
        """What a card on somebody's bench has not answered yet."""
        return self.next if isinstance(self.next, CardAsked) else None

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
                if isinstance(event, Note):
                    self._trail.note(self._now(), event)
                    answer = None
                elif not isinstance(event, PowerOn | Transmit):
                    self.next = event
                    return event
                elif isinstance(self.link, DistantCard) and not self._pulled:
                    self.next = self._ask_distant(self.link, event)
                    return self.next
                else:
                    answer = self._exchange(event)
        except StopIteration as end:
            outcome: Outcome = end.value
        self._kernel = None
        self._power_off()
        self._trail.outcome(self._now(), outcome)
        self.next = outcome
        return outcome

    def card_said(self, number: int, answer: bytes | Silence) -> Prompt | Outcome | None:
        """A card on somebody's bench answered; returns what the kernel wants next, None when nobody waits for that."""
        asked = self.asked
        if asked is None or asked.number != number:
            return None
        if answer is Silence.REMOVED:
            self._pulled = True
        self._write_down(asked.event, answer)
        return self.go_on(answer)

    def pull(self) -> None:
        """The card leaves the slot."""
        self._pulled = True

    def close(self) -> None:
        """Nobody wants anything of the card any more."""
        self._kernel = None
        self._power_off()

    def _exchange(self, event: PowerOn | Transmit) -> bytes | Silence:
        link = self.link
        if isinstance(link, DistantCard):
            answer: bytes | Silence = Silence.REMOVED
        elif isinstance(event, PowerOn):
            answer = self._ask(link, link.power_on)
        else:
            answer = self._ask(link, partial(link.transmit, event.command))
        self._write_down(event, answer)
        return answer

    def _ask_distant(self, card: DistantCard, event: PowerOn | Transmit) -> CardAsked:
        if isinstance(event, PowerOn):
            card.reset(warm=event.warm)
        else:
            card.send(event.command, event.name)
        return CardAsked(event, card.number)

    def _write_down(self, event: PowerOn | Transmit, answer: bytes | Silence) -> None:
        if isinstance(event, PowerOn):
            self._trail.reset(self._now(), answer, over_the_air=self.over_the_air)
        else:
            self._trail.apdu(self._now(), event, answer)

    def _ask(self, link: CardLink, ask: Callable[[], bytes]) -> bytes | Silence:
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
            return Silence.MUTE if link.present else Silence.REMOVED
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
