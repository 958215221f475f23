"""What a host keeps of a card: the counters that it saw, PIN tries, scripts that wait for the card's next visit."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from countertop.emv.tlv import make
from countertop.errors import ConfigurationError
from countertop.network.chip_checks import Chip, SeenCounters
from countertop.network.host import Vault

KIND = "_host_card"
"""Rows ``{id: token.psn, highest_atc, seen, pin_tries, scripts, sent, pin_wanted_for, pin_changed}``."""
PIN_TRIES = 3
# Name → header of the command, and whether it carries a new PIN (card-hardware.md A.6, G.5).
SCRIPTS: Mapping[str, tuple[str, bool]] = MappingProxyType(
    {
        "block_application": ("841E0000", False),
        "unblock_application": ("84180000", False),
        "block_card": ("84160000", False),
        "unblock_pin": ("84240000", False),
        "change_pin": ("84240002", True),
    }
)
AFTER_THE_LAST_WORD = 0x72
MOST_BYTES = 128
"""Of one template (EMV Book 3 §10.10); what finds no room waits for the next visit."""
NEVER_ARRIVES = "unblock_application"
COMMAND = 0x86


class HostCard:
    """One card in the host's books; :meth:`save` writes what changed."""

    def __init__(self, tx: Any, vault: Vault, token: str, psn: str | None) -> None:
        self._tx = tx
        self._vault = vault
        self._name = f"{token}.{psn or '00'}"
        row = tx.get("", KIND, self._name) or {}
        self.seen = SeenCounters(row.get("highest_atc", 0), int(row.get("seen", "0"), 16))
        self.pin_tries: int = row.get("pin_tries", PIN_TRIES)
        self.scripts: list[str] = list(row.get("scripts", ()))
        self.sent: list[str] = list(row.get("sent", ()))
        self.pin_wanted_for: int | None = row.get("pin_wanted_for")
        """The counter of a payment that may come once more, with a PIN."""
        self._pin_changed: bool = row.get("pin_changed", False)

    def save(self) -> None:
        """Write it down."""
        row = {
            "id": self._name,
            "highest_atc": self.seen.highest,
            "seen": f"{self.seen.mask:x}",
            "pin_tries": self.pin_tries,
            "scripts": self.scripts,
            "sent": self.sent,
            "pin_wanted_for": self.pin_wanted_for,
            "pin_changed": self._pin_changed,
        }
        self._tx.put("", KIND, row, created=0)

    def pin(self, original: str) -> str:
        """The PIN that the host compares with; ``original`` until it was changed."""
        return self._vault.open(self._tx, self._pin_name).decode() if self._pin_changed else original

    def queue(self, script: str, pin: str | None) -> None:
        """Have a script wait for the card.  Raises ConfigurationError for an unknown one, or a PIN that is none."""
        if script not in SCRIPTS:
            raise ConfigurationError(f"There is no script {script[:40]!r}.", f"There are: {', '.join(SCRIPTS)}")
        if script == NEVER_ARRIVES:
            raise ConfigurationError(
                "No reader takes a blocked application online, so that this script would never reach the card.",
                "Send it to the chip itself, or begin with a card that is not blocked.",
            )
        if SCRIPTS[script][1] != (pin is not None):
            raise ConfigurationError("A new PIN goes with change_pin, and with nothing else.")
        if pin is not None:
            if not (pin.isascii() and pin.isdigit() and 4 <= len(pin) <= 12):
                raise ConfigurationError("A PIN has 4 to 12 digits.")
            self._vault.seal(self._tx, self._pin_name, pin.encode())
            self._pin_changed = True
        if script in ("unblock_pin", "change_pin"):
            self.pin_tries = PIN_TRIES
        self.scripts.append(script)
        self.save()

    def deliver(self, chip: Chip, original_pin: str) -> bytes:
        """The scripts that wait, sealed for this transaction, as data objects, as many as find room.

        They are sent; :meth:`take_back` has them wait once more.
        """
        keys = chip.version.script_keys(chip.master_key("smi"), chip.master_key("smc"), chip.data.atc, chip.arqc)
        commands = b""
        self.sent = []
        for number, name in enumerate(self.scripts):
            header, takes_pin = SCRIPTS[name]
            data = chip.version.pin_change(chip.master_key("ac"), self.pin(original_pin)) if takes_pin else b""
            sealed = chip.version.seal(
                bytes.fromhex(header), data, keys, chip.data.atc, chip.arqc, encipher=takes_pin, number=number
            )
            command = make(COMMAND, sealed)
            if len(commands) + len(command) > MOST_BYTES:
                break
            commands += command
            self.sent.append(name)
        self.scripts = self.scripts[len(self.sent) :]
        return make(AFTER_THE_LAST_WORD, commands) if commands else b""

    def take_back(self) -> None:
        """The card never heard the last scripts: they wait again, before the others."""
        self.scripts, self.sent = [*self.sent, *self.scripts], []

    @property
    def _pin_name(self) -> str:
        return f"host_pin:{self._name}"
