"""The first screen of an action: the slot has to be empty, then it is a cart, a form, a tip, or the amount."""

from __future__ import annotations

from countertop.errors import ReaderError
from countertop.readers import form
from countertop.readers.turn import Turn

HIGHEST_TIP = 99_999_999


def wait(turn: Turn, notice: str | None = None) -> None:
    """Want a person until the deadline; a card that is still in the slot has to leave it first."""
    turn.change_sale(card=None, asked=False, pin_digits=0, at_once=False, track="")
    sale = turn.sale
    # A cart wants nothing of anybody, so that nobody can be late.
    due_ms = None if sale.cart is not None else sale.deadline_ms
    if turn.state.card_in_slot:
        turn.change(phase="remove_card", notice=notice, due_ms=due_ms)
    elif sale.cart is not None:
        turn.change(phase="cart", notice=None, due_ms=None)
    elif sale.form is not None:
        form.begin(turn)
    else:
        phase = "tipping" if sale.offer is not None and sale.tip is None else "waiting"
        turn.change(phase=phase, notice=notice, due_ms=due_ms)


def choose_tip(turn: Turn, amount: int) -> None:
    """Give a tip (minor units, 0 for none).  Raises ReaderError when none is asked for."""
    if turn.state.phase != "tipping":
        raise ReaderError("The reader does not ask for a tip.", f"It is in the phase {turn.state.phase!r}.")
    check_tip(amount)
    turn.change_sale(tip=amount)
    wait(turn)


def tip_button(turn: Turn, index: int) -> None:
    """One of the amounts on the tip screen."""
    assert turn.sale.offer is not None
    choose_tip(turn, turn.sale.offer.amounts[index])


def ask_custom_tip(turn: Turn) -> None:
    """The screen wants the amount typed."""
    turn.change(notice="custom_tip")


def check_tip(amount: int) -> None:
    """Raises ReaderError for what is no amount of money."""
    if not 0 <= amount <= HIGHEST_TIP:
        raise ReaderError(f"{amount} is no tip.", f"Give minor units, from 0 to {HIGHEST_TIP}.")
