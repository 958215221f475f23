"""A virtual card over the air, and a reader that knows every contactless kernel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from paper_card import Run, drive, request, terminal

from countertop.cards import find_card
from countertop.cards.chip import VirtualChip, image_of, profile_of
from countertop.emv.capk import CapkStore
from countertop.emv.issuer_keys import pool
from countertop.emv.kernel import Contactless, OnlineAnswer, Silence, Terminal, TerminalApplication, contactless

YEAR = 2026
# Application · its kernel (card-hardware.md F.1).
KERNELS = {
    "A0000000031010": "03",
    "A0000000980840": "03",
    "A0000000041010": "02",
    "A00000002501": "04",
    "A0000000651010": "05",
    "A0000001523010": "06",
    "A000000333010102": "07",
    "A0000002771010": "800124",
    "A00000038410": "800036",
    "A0000000421010": "800250",
    "A0000003591010028001": "800276",
}
ONLINE_PIN, SIGNATURE, NOBODY_ONLY = 0x48, 0x28, 0x08


def reader(*, floor_limit: int = 0, kind: int = 0x21, air_cvms: int = ONLINE_PIN, **limits: object) -> Terminal:
    """A reader that knows every kernel.  ``limits``: members of Contactless."""
    settings = Contactless(b"", floor_limit=floor_limit, stripe_mode=True)
    known = tuple(
        TerminalApplication(
            bytes.fromhex(aid),
            floor_limit=floor_limit,
            contactless=replace(settings, kernel=bytes.fromhex(kernel), **limits),
        )
        for aid, kernel in KERNELS.items()
    )
    return terminal(applications=known, keys=CapkStore(pool().ca_keys()), kind=kind, air_cvms=air_cvms)


def chip_of(name: str, *, holder: str | None = None, faults: Sequence[str] = ()) -> VirtualChip:
    """The chip of a test card (``apple_pay:visa`` for one in a phone) in a reader's field."""
    card = find_card(name)
    image = image_of(profile_of(card), YEAR, over_the_air=True)
    usual = "card" if card.wallet is None else "verified"
    return VirtualChip(
        image, pin=card.pin, random=lambda count: b"\x5a" * count, holder=holder or usual, faults=tuple(faults)
    )


def tap(
    chip: VirtualChip | str,
    at: Terminal | None = None,
    *,
    answer: OnlineAnswer | Callable[..., OnlineAnswer] | None = None,
    pins: tuple[str | None, ...] = ("1234",),
    spoil: Callable[[bytes, bytes], bytes | Silence] | None = None,
    **asked: object,
) -> Run:
    """Hold a card to a reader.  ``spoil``: what becomes of each answer, given the command."""
    held = chip_of(chip) if isinstance(chip, str) else chip

    def transmit(command: bytes) -> bytes | Silence:
        good = held.transmit(command)
        return good if spoil is None else spoil(command, good)

    return drive(
        transmit,
        lambda _: held.power_on(),
        at or reader(),
        request(**asked),
        answer=answer,
        pins=pins,
        kernel=contactless,
    )
