"""What a chip card is before it is personalised: its number, its ATR, its applications and how each of them behaves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from countertop.cards.card import SimulatedCard
from countertop.cards.chip.state import PIN_TRIES
from countertop.emv.ats import make_ats
from countertop.emv.bits import AIP
from countertop.emv.cvm import ENCIPHERED_PIN, ENCIPHERED_PIN_AND_SIGNATURE, CvmList
from countertop.emv.cvn import CVNS, Cvn

Authentication = Literal["cda", "dda", "sda", "none"]
ATS = make_ats(historical=b"\x80ZCTOP")
"""Frames of 256 bytes, answers within 77 ms; historical bytes with the issuer's data "CTOP"."""
_AUTHENTICATION_BITS = {"cda": AIP.DDA | AIP.CDA, "dda": AIP.DDA, "sda": AIP.SDA, "none": AIP(0)}


Style = Literal["generate_ac", "options", "stripe"]
"""How a card decides over the air: in GENERATE AC, in its answer to GET PROCESSING OPTIONS, or by a code in a track."""


@dataclass(frozen=True, slots=True)
class AirProfile:
    """How an application is used over the air (card-hardware.md F).

    ``kernel``: the identifier of the reader's kernel, tag 9F2A.  ``cvm_list`` is for ``generate_ac``; ``online_pin``,
    ``signature`` and ``pin_always`` (whatever the amount) for ``options``.  ``chip_only``: it wants to be inserted.
    ``in_a_row``: so often it is used over the air before it wants to be inserted once, None for as often as one likes.
    """

    kernel: bytes
    style: Style
    pdol: bytes = b""
    auth: Authentication = "cda"
    cvm_list: bytes = b""
    online_pin: bool = False
    signature: bool = False
    pin_always: bool = False
    chip_only: bool = False
    in_a_row: int | None = None


@dataclass(frozen=True, slots=True)
class ApplicationProfile:
    """One application of a card; every byte string is as the card gives it.

    ``scheme``: whose authority vouches for it (:mod:`countertop.emv.issuer_keys`).  ``issuer``: whose keys it has; by
    default those of the scheme's one issuer of test cards.  ``network``: the API's word for where its
    payments run.  ``priority``: 1 is the highest.  ``confirm``: its holder is to be asked.  ``country`` and
    ``currency``: ISO numbers in two bytes.  ``offline_limit`` and ``offline_amount``: how many payments, and how many
    minor units, it approves without hearing from its issuer.  ``air``: None for one that is only inserted;
    ``over_the_air``: these are the values that hold there.  ``device``: it is on a phone or a watch.
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
    air: AirProfile | None = None
    over_the_air: bool = False
    device: bool = False
    issuer: str = ""

    @property
    def keys(self) -> str:
        """Whose keys it has, as the pool knows them."""
        return self.issuer or self.scheme

    @property
    def cryptograms(self) -> Cvn:
        """How its cryptograms are made, answered, and its scripts sealed."""
        return CVNS[self.cvn]

    def in_the_air(self) -> ApplicationProfile:
        """The same with the values that hold over the air; asked only of one that is used there."""
        air = self.air
        assert air is not None, "an application over the air has a profile for it"
        return replace(self, over_the_air=True, pdol=air.pdol, auth=air.auth, cvm_list=air.cvm_list or self.cvm_list)

    @property
    def aip(self) -> AIP:
        """What it supports, tag 82."""
        if self.over_the_air:
            return self._air_aip
        issuer = AIP.ISSUER_AUTHENTICATION if self.cryptograms.uses_external_authenticate else AIP(0)
        return _AUTHENTICATION_BITS[self.auth] | AIP.CARDHOLDER_VERIFICATION | AIP.RISK_MANAGEMENT | issuer

    @property
    def _air_aip(self) -> AIP:
        assert self.air is not None, "an application over the air has a profile for it"
        if self.air.style == "stripe":
            return AIP(0)
        if self.air.style == "options":
            return _AUTHENTICATION_BITS[self.auth] | (AIP.MOBILE if self.device else AIP(0))
        device = AIP.ON_DEVICE_CV | AIP.MOBILE if self.device else AIP(0)
        return _AUTHENTICATION_BITS[self.auth] | AIP.CARDHOLDER_VERIFICATION | AIP.EMV_MODE | device

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
    directory of its applications.  ``device_objects``: what it tells over the air of the device that it is in.
    """

    name: str
    card: SimulatedCard
    atr: bytes
    applications: tuple[ApplicationProfile, ...]
    psn: int = 1
    pse: bool = True
    pin_tries: int = PIN_TRIES
    ats: bytes = ATS
    device_objects: tuple[tuple[int, bytes], ...] = ()
