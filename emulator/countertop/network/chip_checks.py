"""What an issuer checks of a chip before it looks at the account: cryptogram and counter; and its answer to the chip.

For hosts of other packages too: :func:`check_chip`, then :meth:`Chip.answer`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from countertop.emv.cryptogram import AcData
from countertop.emv.cvn import Cvn, cvn_of
from countertop.emv.issuer_keys import pool
from countertop.emv.keys import icc_master_key
from countertop.emv.tlv import make, objects_of
from countertop.network.messages import Note

RID_BYTES = 5
WINDOW = 1_024
# What a cryptogram covers, in the order of AcData, and how long each is.
_COVERED = (
    (0x9F02, 6), (0x9F03, 6), (0x9F1A, 2), (0x95, 5), (0x5F2A, 2), (0x9A, 3), (0x9C, 1), (0x9F37, 4), (0x82, 2),
    (0x9F36, 2),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chip:
    """A chip's request, with the keys of the card.

    ``objects``: data objects by tag.  ``issuer``: whose keys it has.  ``number``: the PAN.  ``psn``: its sequence
    number, two digits.
    """

    objects: Mapping[int, bytes]
    issuer: str
    number: str = field(repr=False)
    psn: str | None
    version: Cvn
    data: AcData

    @property
    def arqc(self) -> bytes:
        """The card's cryptogram."""
        return self.objects[0x9F26]

    @property
    def atc(self) -> int:
        """The card's transaction counter."""
        return int.from_bytes(self.data.atc, "big")

    def master_key(self, use: str) -> bytes:
        """A key of the card, as its issuer derives it: ``ac``, ``smi`` or ``smc``."""
        return icc_master_key(pool().imk(self.issuer, use), self.number, self.psn)

    def answer(self, *, approved: bool, response_code: str) -> bytes:
        """Tag 91 as a data object, by which the card knows that it was its issuer who decided."""
        arc = response_code.encode("ascii", "replace")
        return make(0x91, self.version.answer(self.master_key("ac"), self.data, self.arqc, approved, arc))


def chip_of(emv: str, number: str, issuer: str = "") -> Chip | None:
    """The chip behind data objects in hexadecimal; None for those that are no chip's request, or of no known issuer.

    ``issuer``: whose keys it has; by default those of the test cards of its scheme.
    """
    try:
        objects = objects_of(emv)
    except ValueError:
        return None
    scheme = _scheme_of(objects.get(0x84, b""))
    iad = objects.get(0x9F10, b"")
    version = cvn_of(iad)
    covered = [objects.get(tag, b"") for tag, _ in _COVERED]
    whole = all(len(value) == length for value, (_, length) in zip(covered, _COVERED, strict=True))
    if scheme is None or version is None or not whole or len(objects.get(0x9F26, b"")) != 8:
        return None
    psn = objects[0x5F34].hex() if 0x5F34 in objects else None
    return Chip(objects, issuer or scheme, number, psn, version, _ac_data(covered, iad))


@dataclass(frozen=True, slots=True)
class SeenCounters:
    """The transaction counters that an issuer has seen of a card: the highest, and which below it.

    ``mask``: bit n stands for the highest less n.  Payments may arrive out of order, within WINDOW of each other.
    """

    highest: int = 0
    mask: int = 0

    def has(self, atc: int) -> bool:
        """Whether a counter was seen, or is too far below the highest to say."""
        behind = self.highest - atc
        return behind >= WINDOW or (behind >= 0 and bool(self.mask >> behind & 1))

    def with_(self, atc: int) -> SeenCounters:
        """The same and one more."""
        if atc > self.highest:
            mask = self.mask << (atc - self.highest) & ((1 << WINDOW) - 1) | 1
            return SeenCounters(atc, mask)
        return SeenCounters(self.highest, self.mask | 1 << (self.highest - atc))


def check_chip(chip: Chip | None, seen: SeenCounters, once_more: int | None = None) -> tuple[bool, tuple[Note, ...]]:
    """Whether cryptogram and counter are right, and what to say of each.

    ``once_more``: a counter that may be seen again, of a payment that was to come back with a PIN.
    """
    if chip is None:
        return False, (("cryptogram", "unusable", "the data objects are not those of a card of this issuer"),)
    expected = chip.version.cryptogram(chip.master_key("ac"), chip.data)
    if expected != chip.arqc:
        why = f"{chip.version.name} with this card's key gives {expected.hex().upper()}, not {chip.arqc.hex().upper()}"
        return False, (("cryptogram", "wrong", why),)
    right: Note = ("cryptogram", "ok", f"{chip.version.name} with this card's key gives {chip.arqc.hex().upper()}")
    if chip.atc == once_more:
        return True, (right, ("transaction counter", "ok", f"{chip.atc} once more, with the PIN that was asked for"))
    if seen.has(chip.atc):
        return False, (right, ("transaction counter", "replayed", f"{chip.atc} after {seen.highest}"))
    first = f"after {seen.highest}" if seen.mask else "first seen"
    return True, (right, ("transaction counter", "ok", f"{chip.atc}, {first}"))


def _ac_data(covered: list[bytes], iad: bytes) -> AcData:
    amount, other, country, tvr, currency, date, kind, un, aip, atc = covered
    return AcData(amount, other, country, tvr, currency, date, kind, un, aip, atc, iad)


def _scheme_of(aid: bytes) -> str | None:
    return _schemes().get(aid[:RID_BYTES])


@cache
def _schemes() -> Mapping[bytes, str]:
    """Whose keys an application has, by the beginning of its name."""
    return {pool().ca(scheme)[0].rid: scheme for scheme in pool().schemes}
