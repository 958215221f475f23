"""The card at the reader: reading → (application) → paying with it, or holding it for the confirmation."""

from __future__ import annotations

from dataclasses import replace

from countertop.errors import ReaderError
from countertop.gateway import MethodCollected
from countertop.readers import authorization
from countertop.readers.authorization import card_read, held
from countertop.readers.ending import NO_CONNECTION, fail
from countertop.readers.models import Sku
from countertop.readers.state import Sale, SeenCard
from countertop.readers.turn import Turn
from countertop.readers.waiting import wait

# Minor units of CAD: above this an Interac card goes into the slot (terminal.md 2.7).
INTERAC_TAP_LIMIT = 100_00


def read(turn: Turn, card: SeenCard, reading_ms: int, *, at_once: bool) -> None:
    """A card was presented."""
    turn.change_sale(card=card, at_once=at_once)
    turn.change(
        phase="reading",
        notice=None,
        card_in_slot=card.read_method == "contact_emv",
        due_ms=turn.worked(reading_ms),
    )
    if at_once:
        read_done(turn)
        authorization.hurry(turn)


def read_done(turn: Turn) -> None:
    """The card is read: it may want another interface, a choice of the cardholder, or nothing."""
    card = held(turn)
    if card.read_method == "contactless_emv" and _wants_the_chip(turn, card):
        if not turn.sale.at_once:
            wait(turn, "insert_card")
            return
        authorization.insert(turn)
    if turn.state.card_in_slot and turn.strikes("card_pulled"):
        turn.change(card_in_slot=False)
        wait(turn, "removed_too_early")
        return
    choices = networks(turn)
    if not choices:
        _go_on(turn)
    elif turn.sale.at_once:
        choose_network(turn, next(name for name in choices if name in turn.sale.choice_networks))
    else:
        turn.change(phase="application", notice=None, due_ms=turn.sale.deadline_ms)


def _wants_the_chip(turn: Turn, card: SeenCard) -> bool:
    by_interac = card.networks == ("interac",) and turn.sale.total > INTERAC_TAP_LIMIT
    return by_interac or card.brand in turn.sku.model.input.chip_only_brands


def networks(turn: Turn) -> tuple[str, ...]:
    """The networks between which the cardholder chooses now; none when there is nothing to choose."""
    return networks_of(turn.sale, turn.sku)


def networks_of(sale: Sale, sku: Sku) -> tuple[str, ...]:
    """Of a card in the slot, those that this reader knows, if one of them is to be chosen beside another."""
    card = sale.card
    if card is None or card.read_method != "contact_emv":
        return ()
    known = tuple(name for name in card.networks if name not in sku.model.input.unsupported_networks)
    return known if len(known) > 1 and set(known) & set(sale.choice_networks) else ()


def choose_network(turn: Turn, network: str) -> None:
    """The cardholder chose; the reader goes on with this network."""
    turn.change_sale(card=replace(held(turn), network=network))
    _go_on(turn)


def press_network(turn: Turn, network: str) -> None:
    """Press the button of a network.  Raises ReaderError when there is none to choose, or not this one."""
    if turn.state.phase != "application":
        raise ReaderError("The reader does not ask for a network.", f"It is in the phase {turn.state.phase!r}.")
    choices = networks(turn)
    if network not in choices:
        raise ReaderError(f"The card has no network {network[:40]!r}.", f"It has: {', '.join(choices)}")
    choose_network(turn, network)


def pay(turn: Turn) -> None:
    """With the card known: ask for its PIN, or for the authorization."""
    card = held(turn)
    if card.read_method == "contact_emv":
        wanted = card.pin if card.pin != "none" else turn.sale.pin_wanted
        if wanted != "none":
            authorization.ask_pin(turn, wanted)
            return
    authorization.authorize(turn)


def _go_on(turn: Turn) -> None:
    if turn.sale.type == "collect_payment_method":
        _collected(turn)
    else:
        pay(turn)


def _collected(turn: Turn) -> None:
    """Hold the card for a while; the platform says when to go on."""
    if not turn.state.connected:
        fail(turn, "connection_error", NO_CONNECTION)
        return
    turn.change(
        phase="collected",
        notice=None,
        # Nobody waits for an unwatched customer's card to leave the slot.
        card_in_slot=turn.state.card_in_slot and not turn.sale.at_once,
        due_ms=turn.after(turn.sku.model.timing_ms.collected),
    )
    turn.send(MethodCollected(turn.sale.action, card_read(turn), turn.sale.tip))
