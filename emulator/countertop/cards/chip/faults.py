"""What can be wrong with a chip card, by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from countertop.errors import ConfigurationError

FAULTS: Mapping[str, str] = MappingProxyType(
    {
        "wrong_certificate": "its certificate (without one its static signature) is damaged",
        "expired": "it expired last year; its certificates did not",
        "application_blocked": "the issuer has blocked every application on it",
        "card_blocked": "the issuer has blocked all of it",
        "mute": "it answers neither reset nor command",
        "slow": "each answer takes three seconds",
        "pulled_after": "it is pulled out after so many commands: pulled_after:7",
        "wrong_arqc": "its first cryptogram of a payment is not what its key makes",
        "replayed_atc": "it counts no payments: the same transaction counter again and again",
        "no_pse": "it has no directory, the terminal must try the names that it knows",
        "bad_atr": "the check byte of its answer to reset is wrong",
    }
)
"""Every fault and what it is."""
PULLED = "pulled_after"
SLOW_MS = 3_000


@dataclass(frozen=True, slots=True)
class Faults:
    """The faults of one card.  ``pulled_after``: commands that it answers before it is gone, None for all."""

    names: frozenset[str] = frozenset()
    pulled_after: int | None = None

    def __contains__(self, name: str) -> bool:
        return name in self.names


def parse_faults(written: Iterable[str]) -> Faults:
    """Read faults as they are written.  Raises ConfigurationError naming those that exist."""
    names, pulled_after = set(), None
    for text in written:
        name, colon, count = text.partition(":")
        if name not in FAULTS or bool(colon) != (name == PULLED):
            raise ConfigurationError(
                f"A card has no fault {text[:40]!r}.",
                f"There are: {', '.join(name + (':N' if name == PULLED else '') for name in FAULTS)}",
            )
        if colon:
            if not (count.isascii() and count.isdigit() and len(count) <= 4):
                raise ConfigurationError(f"{text[:40]!r} does not say after how many commands.", "Write pulled_after:7")
            pulled_after = int(count)
        names.add(name)
    return Faults(frozenset(names), pulled_after)
