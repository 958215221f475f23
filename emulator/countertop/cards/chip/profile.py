"""What a chip card is before it is personalised: its number, its ATR, its applications and how each of them behaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from countertop.cards.card import SimulatedCard
from countertop.cards.chip.state import PIN_TRIES
from countertop.emv.bits import AIP
from countertop.emv.cvm import ENCIPHERED_PIN, ENCIPHERED_PIN_AND_SIGNATURE, CvmList
from countertop.emv.cvn import CVNS, Cvn

Authentication = Literal["cda", "dda", "sda", "none"]
_AUTHENTICATION_BITS = {"cda": AIP.DDA | AIP.CDA, "dda": AIP.DDA, "sda": AIP.SDA, "none": AIP(0)}


@dataclass(frozen=True, slots=True)
class ApplicationProfile:
    """One application of a card; every byte string is as the card gives it.

    ``scheme``: whose keys it has (:mod:`countertop.emv.issuer_keys`).  ``network``: the API's word for where its
    payments run.  ``priority``: 1 is the highest.  ``confirm``: its holder is to be asked.  ``country`` and
    ``currency``: ISO numbers in two bytes.  ``offline_limit`` and ``offline_amount``: how many payments, and how many
    minor units, it approves without hearing from its issuer.
    """

    aid: bytes
    scheme: str
    network: str
    label: str
    cvn: str
    cdol1: bytes
    cdol2: bytes
    iac_denial: bytes
    iac_online: bytes
    iac_default: bytes
    cvm_list: bytes
    country: bytes
    currency: bytes
    exponent: int = 2
    preferred_name: str = ""
    languages: str = "en"
    priority: int = 1
    confirm: bool = False
    auth: Authentication = "cda"
    auc: bytes = b"\xff\xc0"
    pdol: bytes = b""
    ddol: bytes = bytes.fromhex("9F3704")
    version: bytes = bytes.fromhex("008C")
    service_code: str = "201"
    lower_limit: int | None = None
    upper_limit: int | None = None
    offline_limit: int = 10
    offline_amount: int = 100_000

    @property
    def cryptograms(self) -> Cvn:
        """How its cryptograms are made, answered, and its scripts sealed."""
        return CVNS[self.cvn]

    @property
    def aip(self) -> AIP:
        """What it supports, tag 82."""
        issuer = AIP.ISSUER_AUTHENTICATION if self.cryptograms.uses_external_authenticate else AIP(0)
        return _AUTHENTICATION_BITS[self.auth] | AIP.CARDHOLDER_VERIFICATION | AIP.RISK_MANAGEMENT | issuer

    @property
    def signs(self) -> bool:
        """Whether it has a key of its own, and signs with it."""
        return self.auth in ("cda", "dda")

    @property
    def deciphers_pins(self) -> bool:
        """Whether its CVM list has a PIN come enciphered."""
        methods = {rule.method for rule in CvmList.parse(self.cvm_list).rules}
        return bool(methods & {ENCIPHERED_PIN, ENCIPHERED_PIN_AND_SIGNATURE})


@dataclass(frozen=True, slots=True)
class ChipProfile:
    """A chip card.

    ``card``: whose number, PIN and holder it has.  ``psn``: the PAN sequence number.  ``pse``: whether it has a
    directory of its applications.
    """

    name: str
    card: SimulatedCard
    atr: bytes
    applications: tuple[ApplicationProfile, ...]
    psn: int = 1
    pse: bool = True
    pin_tries: int = PIN_TRIES
