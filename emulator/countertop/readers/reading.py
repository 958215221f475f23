"""The card at the reader: reading → (application) → paying with it, or holding it for the confirmation."""

from __future__ import annotations

from countertop.errors import ReaderError
from countertop.readers import authorization, chip
from countertop.readers.authorization import held
from countertop.readers.models import Sku
from countertop.readers.state import Sale, SeenCard
from countertop.readers.turn import Turn
from countertop.readers.waiting import wait


def read(turn: Turn, card: SeenCard, reading_ms: int, *, at_once: bool) -> None:
    """A card was presented."""
    turn.change_sale(card=card, at_once=at_once)
    in_slot = card.read_method == "contact_emv"
    turn.change(phase="reading", notice=None, card_in_slot=in_slot, due_ms=turn.worked(reading_ms))
    if at_once:
        read_done(turn)
        authorization.hurry(turn)


def read_done(turn: Turn) -> None:
    """The card is read: one that talks goes to the kernel."""
    if held(turn).read_method not in authorization.WITH_A_KERNEL:
        _go_on(turn)
    elif turn.slot is None:
        chip.lost(turn)
    elif turn.state.card_in_slot and turn.strikes("card_pulled"):
        turn.slot.pull()
        turn.change(card_in_slot=False)
        wait(turn, "removed_too_early")
    else:
        chip.begin(turn, turn.sale.pin_wanted if turn.sale.insert_only else "none")


def networks_of(sale: Sale, sku: Sku) -> tuple[str, ...]:
    """The networks between which the cardholder chooses; none when there is nothing to choose."""
    if sale.card is None or sale.card.read_method != "contact_emv":
        return ()
    return chip.choices(sale.choice_networks, sale.card.networks, sku.model.input.unsupported_networks)


def press_network(turn: Turn, network: str) -> None:
    """Press the button of a network.  Raises ReaderError when there is none to choose, or not this one."""
    if turn.state.phase != "application":
        raise ReaderError("The reader does not ask for a network.", f"It is in the phase {turn.state.phase!r}.")
    choices = networks_of(turn.sale, turn.sku)
    if network not in choices:
        raise ReaderError(f"The card has no network {network[:40]!r}.", f"It has: {', '.join(choices)}")
    if authorization.chip_is_lost(turn):
        chip.lost(turn)
    else:
        chip.choose_network(turn, network)


def pay(turn: Turn) -> None:
    """With the card known: go on to its authorization."""
    if authorization.chip_is_lost(turn):
        chip.lost(turn)
    elif turn.slot is not None:
        chip.go_on(turn, None)
    elif turn.sale.pin_wanted == "online_pin" and not turn.sale.pin_digits:
        authorization.ask_pin(turn)
    else:
        chip.authorize(turn)


def _go_on(turn: Turn) -> None:
    if turn.sale.type == "collect_payment_method":
        chip.hold(turn)
    else:
        pay(turn)
