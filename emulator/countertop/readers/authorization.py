"""PIN and authorization: (pin) → authorizing → result, and again with a PIN when the issuer wants one."""

from __future__ import annotations

from dataclasses import replace

from countertop.gateway import ActionEnded, AuthorizationAnswer, AuthorizationRequest, CardRead
from countertop.gateway.messages import Cvm
from countertop.readers.ending import CARD_PULLED, NO_CONNECTION, fail, show_result
from countertop.readers.state import SeenCard
from countertop.readers.turn import Turn
from countertop.readers.waiting import wait

PIN_LENGTH = 4
# How long a device waits for an answer on a network that is gone (assumed).
PATIENCE_MS = 30_000


def ask_pin(turn: Turn, wanted: Cvm) -> None:
    """Ask for the PIN; a customer who is not watched types the right one at once."""
    turn.change_sale(pin_wanted=wanted)
    turn.change(phase="pin", notice=None, due_ms=turn.sale.deadline_ms)
    if turn.sale.at_once:
        pin_typed(turn, PIN_LENGTH)


def pin_typed(turn: Turn, digits: int) -> None:
    """The PIN is complete, and right as far as the device can tell."""
    turn.change_sale(pin_digits=digits, card=replace(held(turn), cvm=turn.sale.pin_wanted))
    turn.change(notice=None, due_ms=turn.worked(turn.sku.model.timing_ms.pin))


def pin_wrong(turn: Turn) -> None:
    """The card refused the PIN; the last refusal ends the sale."""
    turn.change_sale(pin_tries_left=turn.sale.pin_tries_left - 1)
    turn.change(notice="wrong_pin")
    if turn.sale.pin_tries_left == 0:
        fail(turn, "pin_try_exceeded", "The PIN was entered incorrectly too many times.")


def authorize(turn: Turn) -> None:
    """The device says so on its screen and is about to ask."""
    turn.change(phase="authorizing", notice=None, due_ms=turn.worked(turn.sku.model.timing_ms.authorizing))


def ask(turn: Turn) -> None:
    """Ask the platform; without a network the sale ends here."""
    if not turn.state.connected:
        fail(turn, "connection_error", NO_CONNECTION)
        return
    turn.change_sale(asked=True)
    turn.change(due_ms=None)
    turn.send(AuthorizationRequest(turn.sale.action, card_read(turn), turn.sale.tip))
    if "network_lost" in turn.state.faults:
        cut_off(turn)
    elif turn.state.card_in_slot and turn.strikes("card_pulled_authorizing"):
        pulled(turn)


def cut_off(turn: Turn) -> None:
    """The network drops; whoever waits for an answer waits in vain, and gives up after a while."""
    turn.change(cut=True)
    if turn.state.phase == "authorizing" and turn.sale.asked:
        turn.change(due_ms=turn.after(PATIENCE_MS))


def unheard(turn: Turn) -> None:
    """No answer will come any more: the sale is lost for the device, though it may be authorized all the same."""
    if turn.state.phase == "authorizing" and turn.sale.asked:
        fail(turn, "connection_error", NO_CONNECTION)


def pulled(turn: Turn) -> None:
    """The card left the slot while the platform decided."""
    turn.change(card_in_slot=False)
    fail(turn, "card_removed", CARD_PULLED)


def answered(turn: Turn, answer: AuthorizationAnswer) -> None:
    """The platform's decision; one about another action, or that nobody waits for, is dropped."""
    sale = turn.state.sale
    if sale is None or sale.action != answer.action or turn.state.phase != "authorizing" or not sale.asked:
        return
    wanted = "none" if answer.approved else _pin_after(turn, answer.code)
    if wanted != "none":
        _retry(turn, wanted)
        return
    show_result(turn, answer.approved, None if answer.approved else answer.message)
    turn.send(ActionEnded(sale.action, answer.approved))


def hurry(turn: Turn) -> None:
    """Run PIN and authorization of an unwatched sale without their delays, up to the question to the platform."""
    if turn.state.sale is None or not turn.sale.at_once:
        return
    if turn.state.phase == "pin" and turn.sale.pin_digits:
        authorize(turn)
    if turn.state.phase == "authorizing" and not turn.sale.asked:
        ask(turn)


def insert(turn: Turn) -> None:
    """An unwatched customer puts the card that was tapped into the slot."""
    turn.change_sale(card=replace(held(turn), read_method="contact_emv"))
    turn.change(card_in_slot=True)


def held(turn: Turn) -> SeenCard:
    """The card of the running sale, in phases that have one."""
    assert turn.sale.card is not None, f"no card was read while the reader is {turn.state.phase}"
    return turn.sale.card


def card_read(turn: Turn) -> CardRead:
    """What the platform is told of the card."""
    card = held(turn)
    return CardRead(
        card_token=card.token,
        read_method=card.read_method,
        exp_month=card.exp_month,
        exp_year=card.exp_year,
        cardholder_name=card.cardholder_name,
        cvm=card.cvm,
        network=card.network,
    )


def _pin_after(turn: Turn, code: str | None) -> Cvm:
    """The PIN to ask for after this decline, ``none`` when the decline is final.

    A card says by itself which PIN it knows.  For other cards it depends on the country, and on a customer
    who is there to type it.
    """
    card = held(turn)
    if code not in ("offline_pin_required", "online_or_offline_pin_required") or card.cvm != "none":
        return "none"
    if card.read_method not in ("contact_emv", "contactless_emv"):
        return "none"
    if card.pin != "none":
        return card.pin
    if turn.sku.pin == "none" or turn.sale.at_once:
        return "none"
    return "online_pin" if turn.sku.pin == "online" and code == "online_or_offline_pin_required" else "offline_pin"


def _retry(turn: Turn, wanted: Cvm) -> None:
    """Ask again with a PIN: on the same tap when the issuer checks it, else with the card in the slot."""
    turn.change_sale(asked=False, pin_wanted=wanted, pin_digits=0)
    if wanted == "offline_pin" and not turn.state.card_in_slot:
        if not turn.sale.at_once:
            turn.change_sale(insert_only=True)
            wait(turn, "insert_for_pin")
            return
        insert(turn)
    ask_pin(turn, wanted)
    hurry(turn)
