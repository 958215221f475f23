"""What a screen shows, as a value: words, amounts, dots, buttons; and as a box of plain text."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any, Literal

Prompt = Literal[
    "none", "off", "wait", "pair", "card", "insert", "tip", "choose", "form", "cart", "pin", "remove",
    "approved", "declined", "thanks", "fault",
]  # fmt: skip
WIDTH = 34
# Two buttons stand side by side up to here; longer captions have a row each.
SHORT = 12


@dataclass(frozen=True, slots=True)
class Screen:
    """One screen.  ``prompt`` is what it wants from the person in front of it, in one word.

    ``amount`` is as shown (``$12.50``), None when the screen has none.  ``items`` are rows with an amount at their
    right end: lines of a cart, its tax and total.  ``entry`` is what was typed.  ``buttons`` are what can be pressed,
    by name; ``captions`` what stands on them.  ``battery`` is the charge in percent, None while it is high or there is
    no battery.
    """

    prompt: Prompt
    title: str
    lines: tuple[str, ...] = ()
    footer: str = ""
    amount: str | None = None
    pin_dots: int = 0
    buttons: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    items: tuple[tuple[str, str], ...] = ()
    entry: str | None = None
    battery: int | None = None

    @property
    def text(self) -> str:
        """The screen as a box of plain text."""
        rows: list[str] = [self.title, ""]
        if self.amount is not None:
            rows += [self.amount, ""]
        for line in self.lines:
            rows += _wrap(line)
        rows += [_item(*item) for item in self.items]
        if self.entry is not None:
            rows += _wrap(f"> {self.entry}")
        if self.prompt == "pin":
            rows.append(" ".join("●" * self.pin_dots) or "_ _ _ _")
        rows += _button_rows(self.captions)
        footer = [*_wrap(self.footer), *([] if self.battery is None else [f"Battery {self.battery} %"])]
        rows += ["", *footer] if footer else []
        edge = "─" * WIDTH
        return "\n".join([f"┌{edge}┐", *(f"│{_printable(row[:WIDTH]):^{WIDTH}}│" for row in rows), f"└{edge}┘"])

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
            "captions": list(self.captions),
            "items": [list(item) for item in self.items],
            "entry": self.entry,
            "battery": self.battery,
            "text": self.text,
        }


def _wrap(line: str) -> list[str]:
    # Codes and serials have hyphens; they are read aloud and stay in one piece.
    return textwrap.wrap(line, WIDTH, break_on_hyphens=False)


def _printable(row: str) -> str:
    # Merchants' words are on the glass too, and a line break among them must not break the frame.
    return "".join(sign if sign.isprintable() else " " for sign in row)


def _item(words: str, amount: str) -> str:
    room = WIDTH - len(amount) - 1
    return f"{words[:room]:<{room}} {amount}"


def _button_rows(captions: tuple[str, ...]) -> list[str]:
    if not captions:
        return []
    if all(len(caption) <= SHORT for caption in captions):
        rows: list[str] = []
        row = ""
        for caption in captions:
            button = f"[ {caption} ]"
            if row and len(row) + 2 + len(button) > WIDTH:
                rows, row = [*rows, row], button
            else:
                row = f"{row}  {button}" if row else button
        return ["", *rows, row]
    return ["", *(f"[ {caption[: WIDTH - 4]} ]" for caption in captions)]
