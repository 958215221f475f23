"""Input forms, one after another: typed, switched, submitted or skipped; then a word of thanks."""

from __future__ import annotations

from dataclasses import replace

from countertop.errors import ReaderError
from countertop.gateway import ActionEnded, InputResult, InputsCollected
from countertop.readers import entries
from countertop.readers.ending import NOTHING_ENTERED, give_up
from countertop.readers.state import Form
from countertop.readers.turn import Turn


def begin(turn: Turn) -> None:
    """Show the first form."""
    _next(turn, ())


def enter(turn: Turn, value: str) -> None:
    """Type a value, sign, or touch a choice, which submits it.  Raises ReaderError for what does not fit."""
    form = _shown(turn)
    entries.check(form.field, value)
    _touched(turn, replace(form, value=value))
    if form.field.kind == "selection":
        submit(turn)


def submit(turn: Turn) -> None:
    """Hand in what was entered.  Raises ReaderError while nothing was."""
    form = _shown(turn)
    if form.value is None:
        raise ReaderError("Nothing has been entered in the form.", "Enter a value first.")
    _next(turn, (*form.results, InputResult(False, form.value, form.toggles)))


def skip(turn: Turn) -> None:
    """Pass over the form.  Raises ReaderError for one that is required."""
    form = _shown(turn)
    if form.field.required:
        raise ReaderError("The form is required and has no skip button.", "Enter a value instead.")
    _next(turn, (*form.results, InputResult(True)))


def toggle(turn: Turn, index: int) -> None:
    """Flip the switch with this number, from 0.  Raises ReaderError when there is none."""
    form = _shown(turn)
    if not 0 <= index < len(form.toggles):
        raise ReaderError(f"The form has no switch {index}.", f"It has {len(form.toggles)}, counted from 0.")
    flipped = tuple(on != (place == index) for place, on in enumerate(form.toggles))
    _touched(turn, replace(form, toggles=flipped))


def complete(turn: Turn, *, skip_optional: bool) -> None:
    """Somebody fills in all that is left, or skips what may be."""
    for field in _shown(turn).fields[len(_shown(turn).results) :]:
        if skip_optional and not field.required:
            skip(turn)
            continue
        enter(turn, entries.fitting(field))
        if field.kind != "selection":
            submit(turn)


def time_out(turn: Turn) -> None:
    """Nobody touched the form for too long.  Raises ReaderError when none is shown."""
    _shown(turn)
    give_up(turn, "timed_out", NOTHING_ENTERED)


def _shown(turn: Turn) -> Form:
    form = turn.state.sale.form if turn.state.sale is not None else None
    if turn.state.phase != "form" or form is None:
        raise ReaderError("The reader shows no form.", "Start collect_inputs on it first.")
    return form


def _touched(turn: Turn, form: Form) -> None:
    turn.change_sale(form=form)
    turn.change(due_ms=turn.after(turn.sale.timeout_ms))


def _next(turn: Turn, results: tuple[InputResult, ...]) -> None:
    assert turn.sale.form is not None
    fields = turn.sale.form.fields
    if len(results) < len(fields):
        switches = tuple(switch.on for switch in fields[len(results)].toggles)
        turn.change(phase="form", notice=None)
        _touched(turn, Form(fields, results, toggles=switches))
        return
    _thank(turn, results)


def _thank(turn: Turn, results: tuple[InputResult, ...]) -> None:
    action = turn.sale.action
    turn.change(phase="thanks", notice=None, sale=None, due_ms=turn.worked(turn.sku.model.timing_ms.inputs_done))
    turn.send(InputsCollected(action, results))
    turn.send(ActionEnded(action, True))
