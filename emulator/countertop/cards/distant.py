"""A card on somebody's bench: it is asked now and answers later, so that nobody waits for it.

The device it is in belongs to another process.  Every question has a number; an answer to an older one is not heard.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

#: Takes a question to the process that has the device.
Tell = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may be done to a card that is not ours: three wrong PINs block it, a script or a TC may change it.

    ``pin``: VERIFY.  ``tc``: a cryptogram that says the payment is done.  ``scripts``: commands of an issuer.
    """

    pin: bool = False
    tc: bool = False
    scripts: bool = False


class DistantCard:
    """The reader's end.  ``present`` is what the other end said last."""

    def __init__(self, tell: Tell, allowed: Allowed) -> None:
        self._tell = tell
        self.allowed = allowed
        self.present = True
        #: Of the question that was asked last.
        self.number = 0

    def reset(self, *, warm: bool) -> None:
        """Ask for power and the answer to it."""
        self._ask({"do": "power_on", "warm": warm})

    def send(self, command: bytes, name: str) -> None:
        """Ask it to answer a command; ``name`` is what people call it."""
        self._ask({"do": "transmit", "apdu": command.hex().upper(), "name": name})

    def power_off(self) -> None:
        """Take its power away; nothing is answered to that."""
        self._ask({"do": "power_off"})

    def _ask(self, question: dict[str, Any]) -> None:
        self.number += 1
        self._tell({"number": self.number, **question})
