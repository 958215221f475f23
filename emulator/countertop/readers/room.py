"""What surrounds one turn of a device: the vault, the customer's card, the draw of unpredictable bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from countertop.cards import CardLink, DistantCard, NoContacts, SimulatedCard, mask
from countertop.cards.chip import VirtualChip
from countertop.clock import Clock
from countertop.emv.kernel import Outcome, Steps, Terminal, contact, contactless, with_pin
from countertop.gateway.messages import Cvm
from countertop.ids import IdSource
from countertop.iso_codes import country_number, packed
from countertop.readers import chip_rows
from countertop.readers.held import Held
from countertop.readers.identity import registration_code
from countertop.readers.ports import Context, Vault
from countertop.readers.slot import Slot
from countertop.readers.state import DeviceState
from countertop.readers.terminals import careful, contactless_terminal_for, request_for, terminal_for
from countertop.readers.turn import Turn


class Room:
    """The surroundings of one turn.

    ``held``: the card that the customer at the device holds, if any.  ``numbers``: for slots, none ever twice.
    ``is_ours``: whether a PAN is one that somebody made up, ours or a test card's.
    """

    __slots__ = ("_clock", "_ids", "_is_ours", "_numbers", "_tx", "_vault", "held")

    def __init__(
        self,
        tx: Context,
        clock: Clock,
        ids: IdSource,
        vault: Vault,
        held: Held | None,
        numbers: Iterator[int],
        is_ours: Callable[[str], bool],
    ) -> None:
        self._is_ours = is_ours
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

    def truncate(self, pan: str) -> str | None:
        """The name of the PAN of somebody's own card, of which the digits in the middle are not kept; None for a PAN
        that was made up."""
        return None if self._is_ours(pan) else self._vault.tokenize_truncated(self._tx, pan, mask(pan))

    def reveal(self, token: str) -> str:
        """The PAN behind a name."""
        return self._vault.reveal(self._tx, token)

    def right_pin(self) -> str:
        """The PIN of the card that the customer holds."""
        return chip_rows.pin_of(self._tx, self._vault, self._card().card)

    def put_in(self, turn: Turn, *, over_the_air: bool = False) -> Slot:
        """The card that the customer holds goes into the slot, or to the reader's field."""
        card = self._card().card
        if not card.chip:
            return self.slot_for(turn, NoContacts())
        return self.slot_for(turn, self._chip(turn, over_the_air=over_the_air), card, over_the_air=over_the_air)

    def slot_for(
        self, turn: Turn, link: CardLink | DistantCard, card: SimulatedCard | None = None, *, over_the_air: bool = False
    ) -> Slot:
        """A slot with whatever card is at the other end of a link."""
        return Slot(next(self._numbers), link, turn.trail, self._clock.now_ms, card, over_the_air=over_the_air)

    def new_kernel(self, turn: Turn, wanted: Cvm) -> Steps[Outcome]:
        """A kernel for the running sale.  ``wanted``: the only PIN that will do, or ``none``."""
        state, slot = turn.state, turn.slot
        assert slot is not None, "a card is there"
        if slot.card is not None:
            # Since it was put in, the same test card may have paid somewhere else.
            slot.link = chip = self._chip(turn, over_the_air=slot.over_the_air)
            slot.kept = (chip.state, chip.pin)
        request = request_for(turn.sale, state.transactions, turn.now_ms, self.draw)
        if slot.over_the_air:
            terminal = self._contactless_terminal(turn)
            return contactless(terminal if slot.distant is None else careful(terminal, slot.distant.allowed), request)
        # A card that is not ours may be somebody's own: no PIN of it is tried.
        terminal = terminal_for(state, _numeric(state), wanted, offline_pin=slot.card is not None or _trusts(slot))
        return contact(terminal if slot.distant is None else careful(terminal, slot.distant.allowed), request)

    def pin_kernel(self, turn: Turn, data: Mapping[int, bytes]) -> Steps[Outcome]:
        """A kernel that goes on with an earlier tap and a PIN."""
        request = request_for(turn.sale, turn.state.transactions, turn.now_ms, self.draw)
        return with_pin(self._contactless_terminal(turn), request, data)

    def keep_track(self, serial: str, track: bytes) -> str:
        """Keep track 2 in the vault, in place of the device's last one; returns its name there."""
        name = f"track:{serial}"
        self._vault.seal(self._tx, name, track)
        return name

    def keep_chip(self, slot: Slot) -> None:
        """Write down what the chip in the slot remembers now, if that has changed."""
        chip, card = slot.chip, slot.card
        if chip is not None and card is not None and (chip.state, chip.pin) != slot.kept:
            chip_rows.keep(self._tx, self._vault, card, chip, self._clock.now())
            slot.kept = (chip.state, chip.pin)

    def _chip(self, turn: Turn, *, over_the_air: bool) -> VirtualChip:
        return chip_rows.take(self._tx, self._vault, self._card(), turn.now_ms, self.draw, over_the_air=over_the_air)

    def _contactless_terminal(self, turn: Turn) -> Terminal:
        return contactless_terminal_for(turn.state, turn.sku, turn.sale, _numeric(turn.state))

    def _card(self) -> Held:
        assert self.held is not None, "a customer holds a card"
        return self.held


def _trusts(slot: Slot) -> bool:
    """Whether a card on somebody's bench may be sent PINs."""
    return slot.distant is not None and slot.distant.allowed.pin


def _numeric(state: DeviceState) -> bytes:
    """The device's country as tag 9F1A has it."""
    return packed(country_number(state.country))
