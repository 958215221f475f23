"""What is on a device's screen: always drawn from its state, never stored."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from countertop import money
from countertop.readers.models import Sku
from countertop.readers.state import DeviceState, Sale

Prompt = Literal["none", "wait", "pair", "card", "insert", "pin", "remove", "approved", "declined", "fault"]
WIDTH = 34

NOTICES = {
    "chip_unreadable": "Card not supported - use a test card",
    "insert_card": "Please insert the card",
    "insert_for_pin": "PIN required - insert the card",
    "removed_too_early": "Card removed too early",
    "wrong_pin": "Wrong PIN",
}


@dataclass(frozen=True, slots=True)
class Screen:
    """One screen.  ``prompt`` is what it wants from the person in front of it, in one word.

    ``amount`` is as shown (``$12.50``), None when the screen has none; ``buttons`` are what can be pressed.
    """

    prompt: Prompt
    title: str
    lines: tuple[str, ...] = ()
    footer: str = ""
    amount: str | None = None
    pin_dots: int = 0
    buttons: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The screen as a box of plain text."""
        rows: list[str] = [self.title, ""]
        if self.amount is not None:
            rows += [self.amount, ""]
        for line in self.lines:
            rows += _wrap(line)
        if self.prompt == "pin":
            rows.append(" ".join("●" * self.pin_dots) or "_ _ _ _")
        if self.buttons:
            rows += ["", "  ".join(f"[ {button} ]" for button in self.buttons)]
        rows += ["", *_wrap(self.footer)] if self.footer else []
        edge = "─" * WIDTH
        return "\n".join([f"┌{edge}┐", *(f"│{row[:WIDTH]:^{WIDTH}}│" for row in rows), f"└{edge}┘"])

    def document(self) -> dict[str, Any]:
        """The screen as plain data, for the live feed."""
        return {
            "prompt": self.prompt,
            "title": self.title,
            "lines": list(self.lines),
            "footer": self.footer,
            "amount": self.amount,
            "pin_dots": self.pin_dots,
            "buttons": list(self.buttons),
            "text": self.text,
        }


def _wrap(line: str) -> list[str]:
    # Codes and serials have hyphens; they are read aloud and stay in one piece.
    return textwrap.wrap(line, WIDTH, break_on_hyphens=False)


def draw(state: DeviceState, sku: Sku) -> Screen:
    """The screen of a device in this state."""
    return _DRAWERS[state.phase](state, sku)


def _booting(state: DeviceState, sku: Sku) -> Screen:
    return Screen("wait", sku.model.title, ("Starting…",), footer=f"{sku.firmware} / {sku.config}")


def _pairing(state: DeviceState, sku: Sku) -> Screen:
    buttons = ("cancel",) if state.reader is not None else ()
    lines = ("Register this reader with", state.code or "")
    return Screen("pair", "Pairing code", lines, footer=_network(state) or state.serial, buttons=buttons)


def _idle(state: DeviceState, sku: Sku) -> Screen:
    return Screen("none", state.name or sku.model.title, ("Welcome",), footer=_network(state))


def _waiting(state: DeviceState, sku: Sku) -> Screen:
    sale = _sale(state)
    ways = sku.model.input.interfaces
    if sale.insert_only:
        ask = "Insert card"
    else:
        ask = " or ".join((", ".join(ways[:-1]), ways[-1]) if len(ways) > 1 else ways).capitalize() + " card"
    lines = (*_notice(state), ask)
    return Screen(
        "insert" if sale.insert_only else "card", "Total", lines,
        footer=_network(state), amount=_amount(sale), buttons=_cancel(sale),
    )  # fmt: skip


def _reading(state: DeviceState, sku: Sku) -> Screen:
    sale = _sale(state)
    lines = ("Do not remove card",) if state.card_in_slot else ("Reading card",)
    return Screen("wait", "Reading", lines, footer=_network(state), amount=_amount(sale))


def _pin(state: DeviceState, sku: Sku) -> Screen:
    sale = _sale(state)
    lines = _notice(state)
    if sale.pin_tries_left == 1 and sale.pin_wanted == "offline_pin":
        lines = (*lines, "Last try")
    return Screen(
        "pin", "Enter PIN", lines,
        footer=_network(state), amount=_amount(sale), pin_dots=sale.pin_digits, buttons=_cancel(sale),
    )  # fmt: skip


def _authorizing(state: DeviceState, sku: Sku) -> Screen:
    lines = ("Do not remove card",) if state.card_in_slot else ()
    return Screen("wait", "Processing", lines, footer=_network(state), amount=_amount(_sale(state)))


def _result(state: DeviceState, sku: Sku) -> Screen:
    sale = _sale(state)
    lines = (state.message,) if state.message else ()
    footer = "Please remove your card" if state.card_in_slot else _network(state)
    if state.approved:
        return Screen("approved", "Approved", lines, footer=footer, amount=_amount(sale))
    return Screen("declined", "Declined", lines, footer=footer, amount=_amount(sale))


def _remove_card(state: DeviceState, sku: Sku) -> Screen:
    buttons = _cancel(state.sale) if state.sale is not None else ()
    return Screen("remove", "Remove card", _notice(state), footer=_network(state), buttons=buttons)


def _broken(state: DeviceState, sku: Sku) -> Screen:
    return Screen(
        "fault",
        "Hardware fault",
        ("This reader cannot take payments.",),
        footer=f"Contact support: {state.serial}",
    )


_DRAWERS: dict[str, Callable[[DeviceState, Sku], Screen]] = {
    "booting": _booting,
    "pairing": _pairing,
    "idle": _idle,
    "waiting": _waiting,
    "reading": _reading,
    "pin": _pin,
    "authorizing": _authorizing,
    "result": _result,
    "remove_card": _remove_card,
    "broken": _broken,
}


def _sale(state: DeviceState) -> Sale:
    assert state.sale is not None, f"a reader that is {state.phase} has a sale"
    return state.sale


def _amount(sale: Sale) -> str:
    return money.show(sale.amount, sale.currency)


def _cancel(sale: Sale) -> tuple[str, ...]:
    return ("cancel",) if sale.customer_cancellation else ()


def _notice(state: DeviceState) -> tuple[str, ...]:
    return (NOTICES[state.notice],) if state.notice is not None else ()


def _network(state: DeviceState) -> str:
    return "" if state.connected else "No network connection"
