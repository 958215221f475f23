"""What surrounds one turn of a device: the vault, the customer's card, the draw of unpredictable bytes."""

from __future__ import annotations

from collections.abc import Iterator

from countertop.cards.card import SimulatedCard
from countertop.cards.chip import VirtualChip
from countertop.cards.link import CardLink
from countertop.clock import Clock
from countertop.emv.kernel import Outcome, Steps, contact
from countertop.gateway.messages import Cvm
from countertop.ids import IdSource
from countertop.iso_codes import country_number, packed
from countertop.readers import chip_rows
from countertop.readers.identity import registration_code
from countertop.readers.ports import Context, Vault
from countertop.readers.slot import Slot
from countertop.readers.terminals import request_for, terminal_for
from countertop.readers.turn import Turn

Held = tuple[SimulatedCard, tuple[str, ...]]
"""A card in a customer's hand, and what is wrong with its chip."""


class Room:
    """The surroundings of one turn.

    ``held``: the card that the customer at the device holds, if any.  ``numbers``: for slots, none ever twice.
    """

    __slots__ = ("_clock", "_ids", "_numbers", "_tx", "_vault", "held")

    def __init__(
        self, tx: Context, clock: Clock, ids: IdSource, vault: Vault, held: Held | None, numbers: Iterator[int]
    ) -> None:
        self._tx = tx
        self._clock = clock
        self._ids = ids
        self._vault = vault
        self._numbers = numbers
        self.held = held

    def new_code(self) -> str:
        """Draw a registration code."""
        return registration_code(self._ids)

    def draw(self, count: int) -> bytes:
        """So many unpredictable bytes."""
        return self._ids.unpredictable(count)

    def tokenize(self, pan: str) -> str:
        """The name of a PAN in the vault; it is kept there."""
        return self._vault.tokenize(self._tx, pan)

    def reveal(self, token: str) -> str:
        """The PAN behind a name."""
        return self._vault.reveal(self._tx, token)

    def right_pin(self) -> str:
        """The PIN of the card that the customer holds."""
        card, _ = self._card()
        return chip_rows.pin_of(self._tx, self._vault, card)

    def put_in(self, turn: Turn) -> Slot:
        """The card that the customer holds goes into the slot."""
        card, _ = self._card()
        return self.slot_for(turn, self._chip(turn), card)

    def slot_for(self, turn: Turn, link: CardLink, card: SimulatedCard | None = None) -> Slot:
        """A slot with whatever card is at the other end of a link."""
        return Slot(next(self._numbers), link, turn.trail, self._clock.now_ms, card)

    def new_kernel(self, turn: Turn, wanted: Cvm) -> Steps[Outcome]:
        """A kernel for the running sale.  ``wanted``: the only PIN that will do, or ``none``."""
        state, slot = turn.state, turn.slot
        if slot is not None and slot.card is not None:
            # Since it was put in, the same test card may have paid somewhere else.
            slot.link = chip = self._chip(turn)
            slot.kept = (chip.state, chip.pin)
        # A card that is not ours may be somebody's own: no PIN of it is tried.
        ours = slot is not None and slot.card is not None
        terminal = terminal_for(state, packed(country_number(state.country)), wanted, offline_pin=ours)
        return contact(terminal, request_for(turn.sale, state.transactions, turn.now_ms, self.draw))

    def keep_chip(self, slot: Slot) -> None:
        """Write down what the chip in the slot remembers now, if that has changed."""
        chip, card = slot.chip, slot.card
        if chip is not None and card is not None and (chip.state, chip.pin) != slot.kept:
            chip_rows.keep(self._tx, self._vault, card, chip, self._clock.now())
            slot.kept = (chip.state, chip.pin)

    def _chip(self, turn: Turn) -> VirtualChip:
        card, faults = self._card()
        return chip_rows.take(self._tx, self._vault, card, faults, turn.now_ms, self.draw)

    def _card(self) -> Held:
        assert self.held is not None, "a customer holds a card"
        return self.held
