"""What a chip remembers between transactions: a frozen value of numbers and names, with nothing secret in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

PIN_TRIES = 3
LAST_ATC = 0xFFFF
"""A card whose transaction counter stands here begins no more transactions."""
MOST_LOGGED = 10
MOST_SCRIPTS = 15
"""So many script commands are counted: cryptograms have four bits for them."""


@dataclass(frozen=True, slots=True)
class ChipState:
    """The non-volatile memory of a chip.

    ``last_online_atc``: the ATC of the last transaction that the issuer was heard in.  ``blocked``: AIDs in hex.
    ``taps``: transactions over the air since the last approval in the slot.  ``scripts``: script commands since the
    last online transaction.  ``offline_count`` and ``offline_amount`` (minor units): what was approved without the
    issuer since.  The four flags are of the last transaction that went online.  ``written``: what scripts wrote, as
    (name, hex): a tag of PUT DATA, or ``sfi.record`` of UPDATE RECORD.  ``log``: the last transactions, the newest
    first, in hex.
    """

    atc: int = 0
    last_online_atc: int = 0
    pin_tries: int = PIN_TRIES
    blocked: tuple[str, ...] = ()
    card_blocked: bool = False
    taps: int = 0
    scripts: int = 0
    offline_count: int = 0
    offline_amount: int = 0
    online_unfinished: bool = False
    issuer_authentication_failed: bool = False
    issuer_authentication_missing: bool = False
    script_failed: bool = False
    written: tuple[tuple[str, str], ...] = ()
    log: tuple[str, ...] = ()

    def to_row(self) -> dict[str, Any]:
        """Plain JSON values; :meth:`from_row` reads them back."""
        return asdict(self) | {
            "blocked": list(self.blocked),
            "written": [list(pair) for pair in self.written],
            "log": list(self.log),
        }

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> ChipState:
        """A state that was kept.  Members that the row lacks are those of a new card; strange ones are left out."""
        known = {field.name: row[field.name] for field in fields(cls) if field.name in row}
        if "written" in known:
            known["written"] = tuple((name, value) for name, value in known["written"])
        for name in ("blocked", "log"):
            if name in known:
                known[name] = tuple(known[name])
        return cls(**known)

    def wrote(self, name: str) -> bytes | None:
        """What a script wrote under this name, None for nothing."""
        return next((bytes.fromhex(value) for key, value in self.written if key == name), None)

    def writing(self, name: str, value: bytes) -> tuple[tuple[str, str], ...]:
        """``written`` after this has been written as well."""
        kept = tuple(pair for pair in self.written if pair[0] != name)
        return (*kept, (name, value.hex().upper()))
