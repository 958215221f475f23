"""What can be done with a reader from the screens: a key, words, the call, and the command that does the same."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from countertop.client import ServerClient

Act = Callable[[ServerClient, str, str], Any]


@dataclass(frozen=True, slots=True)
class Hand:
    """One thing to do.  ``asks``: what has to be typed first, empty for nothing; ``usual``: what stands there already.

    ``command``: the words behind ``countertop reader``; ``{}`` is what was typed.
    """

    name: str
    key: str
    title: str
    act: Act
    command: str
    asks: str = ""
    usual: str = ""

    def written(self, reader: str, typed: str, url: str) -> str:
        """The command line that does the same."""
        words = [shlex.quote(typed) if word == "{}" else word for word in self.command.split()]
        return " ".join(["countertop reader", *words, shlex.quote(reader), "--url", url])


HANDS: tuple[Hand, ...] = (
    Hand("tap", "t", "Tap a card", lambda c, r, x: c.present(r, "tap", x), "tap {}", "Card or phone", "visa"),
    Hand("insert", "i", "Insert a card", lambda c, r, x: c.present(r, "insert", x), "insert {}", "Card", "visa"),
    Hand("swipe", "w", "Swipe a card", lambda c, r, x: c.present(r, "swipe", x), "swipe {}", "Card", "visa_stripe"),
    Hand("pin", "p", "Type a PIN", lambda c, r, x: c.enter_pin(r, x), "pin {}", "PIN", "1234"),
    Hand("remove", "r", "Remove the card", lambda c, r, x: c.remove_card(r), "remove"),
    Hand("press", "b", "Press a button", lambda c, r, x: c.press(r, x), "press {}", "Button", "cancel"),
    Hand("offline", "o", "Unplug the network", lambda c, r, x: c.reader_fault(r, "offline"), "fault offline"),
    Hand("online", "O", "Plug it in again", lambda c, r, x: c.reader_fault(r, "offline", False), "fault --off offline"),
    Hand("fault", "f", "Inject a fault", lambda c, r, x: c.reader_fault(r, x), "fault {}", "Fault", "timeout"),
    Hand(
        "clear", "F", "Clear a fault", lambda c, r, x: c.reader_fault(r, x, False), "fault --off {}", "Fault", "timeout"
    ),
)
