"""How an action ends on the device: a result on the screen, or straight back to the splash screen."""

from __future__ import annotations

from countertop.gateway import ActionEnded
from countertop.readers.power import rest
from countertop.readers.turn import Turn

GENERIC_MESSAGE = "The reader could not complete the request."
NO_CONNECTION = "The reader lost its connection."
NOBODY_CAME = "No card was presented in time."
NOTHING_ENTERED = "Nothing was entered in time."
CARD_PULLED = "The card was removed before the payment was complete."
CARD_DISCARDED = "The collected card was discarded before it was confirmed."


def show_result(turn: Turn, approved: bool, message: str | None) -> None:
    """Show how the sale ended; a customer who is not watched takes the card along."""
    turn.change(
        phase="result",
        approved=approved,
        message=message,
        notice=None,
        card_in_slot=turn.state.card_in_slot and not turn.sale.at_once,
        due_ms=turn.worked(turn.sku.model.timing_ms.result),
    )


def fail(turn: Turn, failure_code: str, message: str) -> None:
    """The sale ends because of something at the device, and the screen says so."""
    show_result(turn, approved=False, message=message)
    turn.send(ActionEnded(turn.sale.action, False, failure_code, message, turn.trail.take()))


def give_up(turn: Turn, failure_code: str, message: str) -> None:
    """The action ends because the customer wanted it so, or never came: back to the splash screen."""
    turn.send(ActionEnded(turn.sale.action, False, failure_code, message, turn.trail.take()))
    rest(turn)
