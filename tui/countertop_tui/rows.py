"""What the screens know of one device: a row of the fleet table, kept cheap to change."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

NOT_REGISTERED = "not registered"
FRAME = re.compile("[│┌┐└┘─]+")
EMPTY: Mapping[str, Any] = {}


class Row:
    """One device.  ``view``: as the control API has it; what the live stream says is laid over it as it comes.

    ``approved`` and ``declined``: sales since the day began, on the bench's clock.
    """

    __slots__ = ("_screen", "_words", "approved", "declined", "serial", "view")

    def __init__(self, view: dict[str, Any]) -> None:
        self.serial = str(view["serial"])
        self.view = view
        self.approved = self.declined = 0
        self._screen: str | None = None
        self._words: str | None = None

    def take(self, view: dict[str, Any]) -> None:
        """The whole of it, as it is now."""
        self.view = view
        self._screen = self._words = None

    def hear(self, item: Mapping[str, Any]) -> None:
        """What the live stream says; it knows nothing of the registration."""
        was = self.prompt
        view = self.view
        for name in ("state", "faults", "battery", "signals", "screen", "card_in_slot"):
            if name in item:
                view[name] = item[name]
        self._screen = self._words = None
        now = self.prompt
        if now != was:
            self.approved += now == "approved"
            self.declined += now == "declined"

    @property
    def prompt(self) -> str:
        """What its screen wants, in a word."""
        return str(self.view["screen"]["prompt"])

    @property
    def name(self) -> str:
        """Its ``tmr_`` id, or its serial without one."""
        return str(self.view["id"] or self.serial)

    @property
    def label(self) -> str:
        """What its owner calls it."""
        return str(self.view["label"] or "")

    @property
    def model(self) -> str:
        """The API's device type."""
        return str(self.view["device_type"] or "?")

    @property
    def sku(self) -> str:
        """Its country variant."""
        return str(self.view.get("sku") or "")

    @property
    def account(self) -> str:
        """The key of its account; empty while it is in nobody's hands."""
        return str(self.view["key"] or "")

    @property
    def location(self) -> str:
        """The id of where it stands."""
        return str(self.view["location"] or "")

    @property
    def status(self) -> str:
        """online, offline, or not registered."""
        return str(self.view["status"] or NOT_REGISTERED)

    @property
    def state(self) -> str:
        """What the device does."""
        return str(self.view["state"])

    @property
    def faults(self) -> str:
        """What is wrong with it."""
        return ", ".join(self.view["faults"])

    @property
    def action(self) -> str:
        """Its action and how that went."""
        action = self.view["action"]
        return f"{action['type']} {action['status']}" if action else ""

    @property
    def battery(self) -> str:
        """Percent, with a + while it rises."""
        battery = self.view["battery"]
        return "" if battery is None else f"{battery['percent']:>3}%{'+' if battery['charging'] else ''}"

    @property
    def software(self) -> str:
        """Its firmware."""
        return str(self.view.get("software") or "")

    @property
    def seen(self) -> str:
        """When it was last seen, UTC."""
        at = self.view.get("last_seen_at")
        return datetime.fromtimestamp(at / 1000, UTC).strftime("%d %b %H:%M:%S") if at else ""

    @property
    def sales(self) -> str:
        """Approved sales today, and how many were declined."""
        return f"{self.approved}" + (f" ✗{self.declined}" if self.declined else "")

    @property
    def screen(self) -> str:
        """The screen in one line."""
        if self._screen is None:
            self._screen = one_line(str(self.view["screen"]["text"]))
        return self._screen

    @property
    def names(self) -> str:
        """Its ids, in small letters."""
        return f"{self.serial} {self.name} {self.location} {self.account}".lower()

    @property
    def words(self) -> str:
        """All else that a filter looks at, in small letters."""
        if self._words is None:
            every = (
                self.label,
                self.model,
                self.sku,
                self.status,
                self.state,
                self.action,
                self.faults,
                self.screen,
            )
            self._words = " ".join(every).lower()
        return self._words


def one_line(screen: str) -> str:
    """A screen in one line: its texts without the frame."""
    return " / ".join(filter(None, (line.strip() for line in FRAME.sub("\n", screen).splitlines())))
