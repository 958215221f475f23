"""A personalised chip: files, certificates and keys, made from a profile by the issuer's keys.

:func:`image_of` is a pure function of the profile and the year, so each card is personalised once per process.  Nothing
is drawn at random: keys come from the committed pool of test keys, so a card is the same card everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from countertop.cards.chip.air_files import air_records_of, ppse_of
from countertop.cards.chip.files import directory_of, fci_of, locator, records_of
from countertop.cards.chip.issuing import CardKeys, certificates_of, keys_of, track_2_equivalent
from countertop.cards.chip.known import MOST_CARDS, find_profile
from countertop.cards.chip.profile import ApplicationProfile, ChipProfile
from countertop.emv.capk import CaKey
from countertop.emv.dol import Dol, parse_dol
from countertop.emv.issuer_keys import pool


@dataclass(frozen=True, slots=True)
class ApplicationImage:
    """One application, ready to answer.

    ``track_2``: tag 57.  ``records``: by file and number, from 1 on.  ``keys``: all that is secret in it.
    """

    profile: ApplicationProfile
    track_2: bytes = field(repr=False)
    fci: bytes
    afl: bytes
    records: Mapping[tuple[int, int], bytes] = field(repr=False)
    keys: CardKeys = field(repr=False)
    pdol: Dol
    cdol1: Dol
    cdol2: Dol
    ddol: Dol


@dataclass(frozen=True, slots=True)
class ChipImage:
    """A card, as it is in the slot or over the air.

    ``expiry``: month and year.  ``directory``: the records of its PSE, none when it has no PSE.  ``ppse``: the
    directory for contactless payments, over the air only.
    """

    profile: ChipProfile
    year: int
    expiry: tuple[int, int]
    applications: tuple[ApplicationImage, ...]
    directory: tuple[bytes, ...]
    ppse: bytes = b""

    @property
    def over_the_air(self) -> bool:
        """Whether this is the card as a contactless reader meets it."""
        return bool(self.ppse)

    @property
    def reset_answer(self) -> bytes:
        """The ATR, or the ATS over the air."""
        return self.profile.ats if self.over_the_air else self.profile.atr

    @property
    def number(self) -> str:
        """The PAN."""
        return self.profile.card.number

    @property
    def ca_keys(self) -> tuple[CaKey, ...]:
        """The public keys that a terminal needs to authenticate this card."""
        schemes = dict.fromkeys(application.profile.scheme for application in self.applications)
        return tuple(pool().ca(scheme)[0] for scheme in schemes)


def image_of(profile: ChipProfile | str, year: int, *, over_the_air: bool = False) -> ChipImage:
    """The card as it is presented in ``year``; it expires in December four years later.

    Raises UnknownCard for a name that no card has.
    """
    return _image_of(find_profile(profile) if isinstance(profile, str) else profile, year, over_the_air)


@lru_cache(maxsize=MOST_CARDS)
def _image_of(profile: ChipProfile, year: int, over_the_air: bool) -> ChipImage:
    expiry = profile.card.expiry(year)
    if over_the_air:
        used = [application.in_the_air() for application in profile.applications if application.air is not None]
        applications = tuple(_application(profile, application, year) for application in used)
        return ChipImage(profile, year, expiry, applications, (), ppse_of(used))
    applications = tuple(_application(profile, application, year) for application in profile.applications)
    directory = directory_of(profile) if profile.pse else ()
    return ChipImage(profile, year, expiry, applications, directory)


def _application(card: ChipProfile, application: ApplicationProfile, year: int) -> ApplicationImage:
    keys = keys_of(card, application)
    track = track_2_equivalent(card, application, year)
    files = (air_records_of if application.over_the_air else records_of)(card, application, year, track)
    signed = b"".join(record.content for record in files if record.signed) + application.aip.encoded
    files = (*files, *certificates_of(card, application, year, keys, signed))
    return ApplicationImage(
        profile=application,
        track_2=track,
        fci=fci_of(application),
        afl=locator(files),
        records=MappingProxyType({(record.sfi, record.number): record.encoded for record in files}),
        keys=keys,
        pdol=parse_dol(application.pdol),
        cdol1=parse_dol(application.cdol1),
        cdol2=parse_dol(application.cdol2),
        ddol=parse_dol(application.ddol),
    )


__all__ = ["ApplicationImage", "ChipImage", "image_of"]
