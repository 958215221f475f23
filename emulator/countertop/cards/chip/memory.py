"""What a chip works with: its image, its state, and what it knows until the power goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from countertop.cards.chip.faults import Faults
from countertop.cards.chip.image import ApplicationImage, ChipImage
from countertop.cards.chip.state import ChipState
from countertop.emv.bits import AIP
from countertop.emv.cryptogram import AcData


class Refused(Exception):
    """A command ends in this status, without data; raised inside the chip only."""

    def __init__(self, sw: int) -> None:
        super().__init__(f"{sw:04X}")
        self.sw = sw


@dataclass(slots=True)
class Session:
    """One transaction, from SELECT to the next SELECT.

    ``application`` is None while nothing, or the directory, is selected.  ``values``: what the terminal said, by tag.
    ``pin``: None as long as no PIN was offered, then whether the last one was right.  ``records``: of this transaction
    alone, by file and number.
    """

    application: ApplicationImage | None = None
    directory: bool = False
    initiated: bool = False
    pdol_data: bytes = b""
    cdol1_data: bytes = b""
    values: dict[int, bytes] = field(default_factory=dict)
    challenge: bytes | None = None
    pin: bool | None = None
    pin_enciphered: bool = False
    signed_dynamically: bool = False
    signed_first: bool = False
    signed_second: bool = False
    first: int | None = None
    second: int | None = None
    ac_data: AcData | None = None
    arqc: bytes = b""
    issuer_authenticated: bool | None = None
    issuer_approved: bool = True
    script_number: int = 0
    scripts_done: int = 0
    script_failed: bool = False
    records: dict[tuple[int, int], bytes] = field(default_factory=dict)


Holder = Literal["card", "verified", "locked", "express"]
"""What it knows of its holder: a card nothing, a device has verified him, waits for that, or goes without at gates."""


class Memory:
    """The chip's own world; the commands read and change it."""

    def __init__(
        self,
        image: ChipImage,
        state: ChipState,
        pin: str,
        random: Callable[[int], bytes],
        faults: Faults,
        holder: Holder = "card",
    ) -> None:
        self.image = image
        self.state = state
        self.pin = pin
        self.random = random
        self.faults = faults
        self.holder = holder
        self.session = Session()

    def remember(self, **changes: Any) -> None:
        """Change the state."""
        self.state = replace(self.state, **changes)

    @property
    def atc(self) -> bytes:
        """The transaction counter, as the card says it."""
        return self.state.atc.to_bytes(2, "big")

    def aip(self, application: ApplicationImage) -> AIP:
        """What an application supports; a device that knows not whose hand it is in verifies nobody."""
        aip = application.profile.aip
        return aip & ~AIP.ON_DEVICE_CV if self.holder == "express" else aip

    @property
    def card_blocked(self) -> bool:
        """Whether nothing on the card can be selected any more."""
        return self.state.card_blocked or "card_blocked" in self.faults

    def blocked(self, application: ApplicationImage) -> bool:
        """Whether an application does nothing but decline."""
        return "application_blocked" in self.faults or application.profile.aid.hex().upper() in self.state.blocked

    def selected(self) -> ApplicationImage:
        """The application that is selected.  Raises Refused for none."""
        if self.session.application is None:
            raise Refused(0x6985)
        return self.session.application

    def initiated(self) -> ApplicationImage:
        """The application whose transaction has begun.  Raises Refused when none has."""
        application = self.selected()
        if not self.session.initiated:
            raise Refused(0x6985)
        return application
