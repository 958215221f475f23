"""The road of one sale through the device: amount on the screen, card, result.

Phases: waiting → reading → (pin) → authorizing → result → (remove_card) → idle.  Transitions only; what a
customer may do when is checked in :mod:`countertop.readers.customer`.
"""

from __future__ import annotations

from dataclasses import replace

from countertop.gateway.messages import (
    ActionEnded,
    AuthorizationAnswer,
    AuthorizationRequest,
    CardRead,
    Cvm,
    StartAction,
)
from countertop.readers.power import rest
from countertop.readers.state import Sale, SeenCard
from countertop.readers.turn import Turn

# Phases in which an action of the platform runs on the device; afterwards the device only shows how it ended.
RUNNING = ("waiting", "reading", "pin", "authorizing", "remove_card")
PIN_LENGTH = 4
GENERIC_MESSAGE = "The reader could not complete the request."
NO_CONNECTION = "The reader lost its connection."
NOBODY_CAME = "No card was presented in time."


def start(turn: Turn, message: StartAction) -> None:
    """Show the amount and wait for a card.

    Replaces an action that waits; a device that cannot sell stays silent (the platform asks for the
    device's refusal first).
    """
    state = turn.state
    if state.phase not in ("idle", "waiting", "reading", "pin", "result", "remove_card"):
        return
    turn.change(
        sale=Sale(
            action=message.action,
            type=message.type,
            amount=message.amount,
            currency=message.currency,
            customer_cancellation=message.customer_cancellation,
            deadline_ms=turn.after(message.timeout_ms),
        ),
        message=None,
    )
    wait(turn)


def wait(turn: Turn, notice: str | None = None) -> None:
    """Want a card until the deadline; one that is still in the slot has to leave it first."""
    turn.change_sale(card=None, asked=False, pin_digits=0, at_once=False)
    phase = "remove_card" if turn.state.card_in_slot else "waiting"
    turn.change(phase=phase, notice=notice, due_ms=turn.sale.deadline_ms)


def cancel(turn: Turn, action: str) -> None:
    """The platform calls the action off.  One that is being authorized is not called off any more."""
    sale = turn.state.sale
    if sale is None or sale.action != action or turn.state.phase not in RUNNING or sale.asked:
        return
    rest(turn)


def read(turn: Turn, card: SeenCard, reading_ms: int, *, at_once: bool) -> None:
    """A card was presented."""
    turn.change_sale(card=card, at_once=at_once)
    turn.change(
        phase="reading",
        notice=None,
        card_in_slot=card.read_method == "contact_emv",
        due_ms=turn.after(reading_ms),
    )
    hurry(turn)


def read_done(turn: Turn) -> None:
    """The card is read: it may want another interface, a PIN, or nothing."""
    card = turn.sale.card
    assert card is not None
    if card.read_method == "contactless_emv" and card.brand in turn.sku.model.input.chip_only_brands:
        if not turn.sale.at_once:
            wait(turn, "insert_card")
            return
        card = _insert(turn)
    if card.read_method == "contact_emv":
        wanted = card.pin if card.pin != "none" else turn.sale.pin_wanted
        if wanted != "none":
            ask_pin(turn, wanted)
            return
    authorize(turn)


def ask_pin(turn: Turn, wanted: Cvm) -> None:
    """Ask for the PIN; a customer who is not watched types the right one at once."""
    turn.change_sale(pin_wanted=wanted)
    turn.change(phase="pin", notice=None, due_ms=turn.sale.deadline_ms)
    if turn.sale.at_once:
        pin_typed(turn, PIN_LENGTH)


def pin_typed(turn: Turn, digits: int) -> None:
    """The PIN is complete, and right as far as the device can tell."""
    assert turn.sale.card is not None
    turn.change_sale(pin_digits=digits, card=replace(turn.sale.card, cvm=turn.sale.pin_wanted))
    turn.change(notice=None, due_ms=turn.after(turn.sku.model.timing_ms.pin))


def pin_wrong(turn: Turn) -> None:
    """The card refused the PIN; the last refusal ends the sale."""
    turn.change_sale(pin_tries_left=turn.sale.pin_tries_left - 1)
    turn.change(notice="wrong_pin")
    if turn.sale.pin_tries_left == 0:
        fail(turn, "pin_try_exceeded", "The PIN was entered incorrectly too many times.")


def authorize(turn: Turn) -> None:
    """The device says so on its screen and is about to ask."""
    turn.change(phase="authorizing", notice=None, due_ms=turn.after(turn.sku.model.timing_ms.authorizing))


def ask(turn: Turn) -> None:
    """Ask the platform; without a network the sale ends here."""
    card = turn.sale.card
    assert card is not None
    if not turn.state.connected:
        fail(turn, "connection_error", NO_CONNECTION)
        return
    turn.change_sale(asked=True)
    turn.change(due_ms=None)
    seen = CardRead(
        card_token=card.token,
        read_method=card.read_method,
        exp_month=card.exp_month,
        exp_year=card.exp_year,
        cardholder_name=card.cardholder_name,
        cvm=card.cvm,
    )
    turn.send(AuthorizationRequest(turn.sale.action, seen))


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


def show_result(turn: Turn, approved: bool, message: str | None) -> None:
    """Show how the sale ended; a customer who is not watched takes the card along."""
    turn.change(
        phase="result",
        approved=approved,
        message=message,
        notice=None,
        card_in_slot=turn.state.card_in_slot and not turn.sale.at_once,
        due_ms=turn.after(turn.sku.model.timing_ms.result),
    )


def fail(turn: Turn, failure_code: str, message: str) -> None:
    """The sale ends because of something at the device, and the screen says so."""
    show_result(turn, approved=False, message=message)
    turn.send(ActionEnded(turn.sale.action, False, failure_code, message))


def give_up(turn: Turn, failure_code: str, message: str) -> None:
    """The sale ends because the customer wanted it so, or never came: back to the splash screen."""
    turn.send(ActionEnded(turn.sale.action, False, failure_code, message))
    rest(turn)


def hurry(turn: Turn) -> None:
    """Run the phases of an unwatched sale without their delays, up to the question to the platform."""
    if turn.state.sale is None or not turn.sale.at_once:
        return
    if turn.state.phase == "reading":
        read_done(turn)
    if turn.state.phase == "pin" and turn.sale.pin_digits:
        authorize(turn)
    if turn.state.phase == "authorizing" and not turn.sale.asked:
        ask(turn)


def _insert(turn: Turn) -> SeenCard:
    card = turn.sale.card
    assert card is not None
    card = replace(card, read_method="contact_emv")
    turn.change_sale(card=card)
    turn.change(card_in_slot=True)
    return card


def _pin_after(turn: Turn, code: str | None) -> Cvm:
    """The PIN to ask for after this decline, ``none`` when the decline is final.

    A card says by itself which PIN it knows.  For other cards it depends on the country, and on a customer
    who is there to type it.
    """
    card = turn.sale.card
    assert card is not None
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
    turn.change_sale(asked=False, pin_wanted=wanted)
    if wanted == "offline_pin" and not turn.state.card_in_slot:
        if not turn.sale.at_once:
            turn.change_sale(insert_only=True)
            wait(turn, "insert_for_pin")
            return
        _insert(turn)
    ask_pin(turn, wanted)
    hurry(turn)
