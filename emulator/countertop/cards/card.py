"""A simulated card: a number with a brand and a documented behaviour (terminal.md §3.1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from countertop.cards.numbers import mask

Funding = Literal["credit", "debit", "prepaid", "unknown"]
PinCvm = Literal["none", "offline_pin", "online_pin"]
# What happens at authorization.  "standard": the test amounts decide; a soft decline wants a PIN after a tap.
Effect = Literal[
    "standard",
    "approve",
    "soft_decline",
    "generic_decline",
    "insufficient_funds",
    "lost_card",
    "stolen_card",
    "expired_card",
    "processing_error",
    "refund_fail",
]
TEST_PIN = "1234"
# SDK simulators use 12/30; here the year moves with the bench's clock, so that no card ever expires by
# itself.
EXPIRY_MONTH = 12
EXPIRY_YEARS_AHEAD = 4


@dataclass(frozen=True, slots=True)
class SimulatedCard:
    """One card.

    ``networks``: what it can run on, the international brand last.  ``cvm``: the PIN it asks for.  ``chip``: False for
    one that has a stripe only; ``service_code`` is that stripe's.  ``wallet`` and ``funding_number``: of a card in a
    phone, the wallet's name and the number of the card behind it.

    Of cards that a bank of this world issued: ``issuer``, whose keys they have, ``valid_until``, month and year, and
    ``sequence``, which tells cards of one number apart.
    """

    number: str = field(repr=False)
    name: str
    brand: str
    funding: Funding
    country: str
    effect: Effect = "standard"
    cvm: PinCvm = "none"
    networks: tuple[str, ...] = ()
    cardholder_name: str | None = None
    pin: str = field(default=TEST_PIN, repr=False)
    chip: bool = True
    service_code: str = "101"
    wallet: str | None = None
    funding_number: str = field(default="", repr=False)
    issuer: str = ""
    valid_until: tuple[int, int] | None = None
    sequence: int = 1
    shown: str = field(init=False)
    """The number as it may be shown."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "shown", mask(self.number))
        if not self.networks:
            object.__setattr__(self, "networks", (self.brand,))

    @property
    def last4(self) -> str:
        """The last four digits."""
        return self.number[-4:]

    def expiry(self, year: int) -> tuple[int, int]:
        """Month and year of expiry of a card that is presented in ``year``; test cards never expire by themselves."""
        return self.valid_until or (EXPIRY_MONTH, year + EXPIRY_YEARS_AHEAD)
