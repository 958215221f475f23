"""What a terminal is and what it is asked to do: plain values (EMV Book 4; card-hardware.md E.4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from countertop.emv.capk import CapkStore

NO_CODES = bytes(5)
# Twelve digits; four bytes.
LARGEST, LARGEST_BINARY = 10**12, 2**32
# 9F33: manual, stripe, chip; every CVM; SDA, DDA, CDA.
CAPABILITIES = bytes.fromhex("E0F8C8")
# Byte 2 of it over the air: online PIN, signature, no CVM.
AIR_CVMS = 0x68
ADDITIONAL_CAPABILITIES = bytes.fromhex("6000F0A001")
UNPREDICTABLE_ONLY = bytes.fromhex("9F3704")


@dataclass(frozen=True, slots=True)
class Contactless:
    """How an application is taken over the air (EMV Contactless Books A and B; card-hardware.md F.1).

    ``kernel``: its identifier, tag 9F2A.  Amounts are minor units, None is no limit: up to ``taps_up_to`` a card is
    taken at all, up to ``device_taps_up_to`` a phone that verifies its holder itself, up to ``no_cvm_up_to`` nobody is
    verified.  ``floor_limit``: from here on the issuer is asked.  ``stripe_mode``: whether kernel 2 takes cards that
    know only its mag-stripe mode.
    """

    kernel: bytes
    taps_up_to: int | None = None
    device_taps_up_to: int | None = None
    no_cvm_up_to: int | None = None
    floor_limit: int = 0
    stripe_mode: bool = False


@dataclass(frozen=True, slots=True)
class TerminalApplication:
    """An application that the terminal supports.

    ``partial``: an AID of a card that only begins like this one matches too.  ``floor_limit`` and ``threshold`` are
    minor units; ``target`` and ``most`` percent of the transactions under the floor limit go online at random.
    ``tac_…``: terminal action codes.  ``contactless``: None for one that is taken in the slot only.
    """

    aid: bytes
    version: bytes = b"\x00\x8c"
    partial: bool = True
    floor_limit: int = 0
    threshold: int = 0
    target: int = 0
    most: int = 0
    tac_denial: bytes = NO_CODES
    tac_online: bytes = NO_CODES
    tac_default: bytes = NO_CODES
    default_ddol: bytes = UNPREDICTABLE_ONLY
    contactless: Contactless | None = None


@dataclass(frozen=True, slots=True)
class Terminal:
    """A terminal.

    ``country``: ISO 3166 numeric, packed (0840).  ``kind``: tag 9F35; its second digit says whether it works online
    only (1), both ways (2) or offline only (3).  ``sign_second``: whether a second GENERATE AC wants CDA too.
    ``quick_chip``: the card is let go with an AAC before the issuer is asked, and hears nothing of the answer.
    ``scripts``: whether an issuer's scripts are handed to the card.

    Over the air: ``air_cvms`` is byte 2 of its capabilities, ``prefer`` the AIDs that win over others on a card
    whatever their priority, ``avoid`` those that lose to them, ``transit`` says that its gates take phones without
    their holder's verification.
    """

    applications: tuple[TerminalApplication, ...]
    keys: CapkStore
    country: bytes
    kind: int = 0x22
    capabilities: bytes = CAPABILITIES
    additional_capabilities: bytes = ADDITIONAL_CAPABILITIES
    identification: str = "00000001"
    serial: str = "00000001"
    merchant_category: str = "5999"
    merchant: str = ""
    sign_second: bool = True
    quick_chip: bool = False
    scripts: bool = True
    air_cvms: int = AIR_CVMS
    prefer: tuple[bytes, ...] = ()
    avoid: tuple[bytes, ...] = ()
    transit: bool = False

    @property
    def online_only(self) -> bool:
        """Whether nothing is approved without the issuer."""
        return self.kind & 0x0F in (1, 4)

    @property
    def offline_only(self) -> bool:
        """Whether there is no way to the issuer."""
        return self.kind & 0x0F in (3, 6)


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be done with the card.

    ``amount`` and ``other`` are minor units of ``currency`` (ISO 4217 numeric, packed).  ``type``: tag 9C (00 goods,
    01 cash, 09 cashback, 20 refund).  ``date`` and ``time`` are YYMMDD and HHMMSS of the terminal's day.  ``draw``
    gives so many unpredictable bytes.  ``exceptions``: PANs that must not be served.  ``earlier``: minor units of
    another payment with the same card, for the floor limit.
    """

    amount: int
    currency: bytes
    date: str
    time: str
    draw: Callable[[int], bytes] = field(repr=False)
    type: int = 0x00
    other: int = 0
    exponent: int = 2
    sequence: int = 1
    force_online: bool = False
    exceptions: frozenset[str] = frozenset()
    earlier: int = 0

    def __post_init__(self) -> None:
        if not (0 <= self.amount < LARGEST and 0 <= self.other < LARGEST_BINARY):
            raise ValueError(f"{self.amount} and {self.other} are no amounts that a terminal can write")
