"""The buttons on the glass: which are there in a state, what they say, and what they do.

The screen draws what :func:`offered` lists and :func:`press` takes nothing else, so that both always agree.  Only
``pairing_code`` is not on the glass: it lies behind the settings of an idle reader.
"""

from __future__ import annotations

from collections.abc import Callable

from countertop import money
from countertop.errors import ReaderError
from countertop.readers import form, power, reading, waiting
from countertop.readers.ending import GENERIC_MESSAGE, give_up
from countertop.readers.models import Sku
from countertop.readers.state import DeviceState, Form, Sale
from countertop.readers.turn import Turn

PAIRING_CODE = "pairing_code"


def offered(state: DeviceState, sku: Sku) -> dict[str, str]:
    """What can be pressed now: name and caption, from left to right."""
    sale = state.sale
    if state.phase == "pairing":
        return {"cancel": "cancel"} if state.reader is not None else {}
    if sale is None:
        return {}
    buttons: dict[str, str] = {}
    if state.phase == "tipping":
        buttons = _tips(sale)
    elif state.phase == "application" and sale.card is not None:
        buttons = {name: _network(name) for name in reading.networks_of(sale, sku)}
    elif state.phase == "form" and sale.form is not None:
        buttons = _form(sale.form)
    elif state.phase == "pin" and sale.pin_digits:
        return {}
    if sale.customer_cancellation and state.phase in _CANCELLABLE:
        buttons["cancel"] = "cancel"
    return buttons


def press(turn: Turn, button: str) -> None:
    """Press a button by its name.  Raises ReaderError when the screen does not offer it."""
    if button == PAIRING_CODE:
        power.open_pairing(turn)
        return
    there = offered(turn.state, turn.sku)
    if button not in there:
        raise _missing(button, there)
    if turn.state.phase == "application" and button != "cancel":
        reading.press_network(turn, button)
        return
    name, _, number = button.rpartition("_")
    if number.isdigit():
        _NUMBERED[name](turn, int(number) - 1)
    else:
        _SINGLE[button](turn)


_NETWORK_NAMES = {"cartes_bancaires": "CB", "eftpos_au": "eftpos", "girocard": "girocard"}
_CANCELLABLE = frozenset({"tipping", "waiting", "application", "pin", "form", "remove_card"})


def _cancel(turn: Turn) -> None:
    if turn.state.phase == "pairing":
        power.rest(turn)
    else:
        give_up(turn, "customer_canceled", GENERIC_MESSAGE)


def _choose(turn: Turn, index: int) -> None:
    assert turn.sale.form is not None
    form.enter(turn, turn.sale.form.field.choices[index].id)


_SINGLE: dict[str, Callable[[Turn], None]] = {
    "cancel": _cancel,
    "no_tip": lambda turn: waiting.choose_tip(turn, 0),
    "custom": waiting.ask_custom_tip,
    "submit": form.submit,
    "skip": form.skip,
}
_NUMBERED: dict[str, Callable[[Turn, int], None]] = {
    "tip": waiting.tip_button,
    "choice": _choose,
    "toggle": form.toggle,
}


def _tips(sale: Sale) -> dict[str, str]:
    assert sale.offer is not None
    buttons = {}
    for place, amount in enumerate(sale.offer.amounts):
        shown = money.show(amount, sale.currency)
        if place < len(sale.offer.percentages):
            shown = f"{sale.offer.percentages[place]}% {shown}"
        buttons[f"tip_{place + 1}"] = shown
    return {**buttons, "custom": "Custom", "no_tip": "No tip"}


def _form(shown: Form) -> dict[str, str]:
    field = shown.field
    buttons = {}
    for place, (switch, on) in enumerate(zip(field.toggles, shown.toggles, strict=True)):
        words = ": ".join(text for text in (switch.title, switch.description) if text)
        buttons[f"toggle_{place + 1}"] = f"{'[x]' if on else '[ ]'} {words}"
    for place, choice in enumerate(field.choices):
        buttons[f"choice_{place + 1}"] = choice.text
    if shown.value is not None:
        buttons["submit"] = field.submit_button or "Submit"
    if not field.required:
        buttons["skip"] = field.skip_button or "Skip"
    return buttons


def _network(name: str) -> str:
    return _NETWORK_NAMES.get(name, name.replace("_", " ").capitalize())


def _missing(button: str, there: dict[str, str]) -> ReaderError:
    hint = f"It has: {', '.join(there)}" if there else "It has none."
    if button == "cancel":
        return ReaderError("The screen has no cancel button now.", f"enable_customer_cancellation shows one. {hint}")
    known = button in _SINGLE or button.rpartition("_")[0] in _NUMBERED
    where = "screen" if known else "reader"
    return ReaderError(f"The {where} has no button {button[:40]!r}.", f"{hint} Behind its settings: {PAIRING_CODE}.")
