"""The chip cards that there are: one for each simulated card, and those of other packages.

A card is made from what the simulated card says (networks, funding, country, PIN), the files of its applications, and
a profile file where it differs.  Other packages name a function that returns a folder of such files with the entry
point group ``countertop.card_profiles``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar

from countertop.cards.card import PinCvm, SimulatedCard
from countertop.cards.catalog import UnknownCard, all_cards, find_card
from countertop.cards.chip.air_of_card import air_of
from countertop.cards.chip.profile import ApplicationProfile, ChipProfile
from countertop.cards.chip.profile_files import ApplicationFile, ApplicationOfCard, ProfileFile, check
from countertop.cards.wallets import device_objects
from countertop.errors import ConfigurationError
from countertop.iso_codes import country_number, currency_number, packed
from countertop.plugins import loaded, warn_broken

GROUP = "countertop.card_profiles"
Folder = Traversable | Path
# T=0, VPP not connected, no extra guard time; historical bytes in COMPACT-TLV: issuer's data "COUNTERTOP".
PLAIN_ATR = bytes.fromhex("3B6C0000805A434F554E544552544F50")
_NO_AMOUNTS = "0000000000000000"
# Enciphered PIN, plaintext PIN, online PIN, signature and no CVM, each if the terminal supports it.
CVM_LISTS: dict[PinCvm, str] = {
    "none": _NO_AMOUNTS + "5F03440341034203",
    "offline_pin": _NO_AMOUNTS + "440341035E031F03",
    "online_pin": _NO_AMOUNTS + "42035E031F03",
}
IAC_DENIAL = "0010000000"
# A card that is to be used with its offline PIN declines when the tries are used up.
IAC_DENIAL_OF_OFFLINE_PIN = "0010200000"
IAC_ONLINE = "FCF8FCF800"
# Currency, digits behind its point, and languages of a country's cards.
_HOMES = {
    "AU": ("aud", 2, "en"),
    "CA": ("cad", 2, "enfr"),
    "CN": ("cny", 2, "zhen"),
    "DE": ("eur", 2, "deen"),
    "FR": ("eur", 2, "fren"),
    "GB": ("gbp", 2, "en"),
    "JP": ("jpy", 0, "jaen"),
    "SG": ("sgd", 2, "en"),
    "US": ("usd", 2, "en"),
}
# Other countries whose banks issue cards here have the euro.
_ELSEWHERE = ("eur", 2, "en")
MOST_CARDS = 4_096
"""So many are kept ready; more are made anew when they are needed."""
_BYTES = ("cdol1", "cdol2", "pdol", "ddol", "cvm_list", "iac_denial", "iac_online", "iac_default", "auc", "version")
PSN_OF_DEVICES = 0
# Visa's cards in the cloud have an IAD that says who verified the holder.
_OF_DEVICES: dict[str, dict[str, str]] = {"visa": {"cvn": "visa_22"}}
_AS_THEY_ARE = ("scheme", "network", "cvn", "auth", "confirm", "service_code", "lower_limit", "upper_limit",
                "offline_limit", "offline_amount")  # fmt: skip


def find_profile(name_or_number: str) -> ChipProfile:
    """The chip card of this name, or of the simulated card with this name or number.

    Raises UnknownCard naming the nearest ones, ConfigurationError for a file that is wrong.
    """
    name = name_or_number.strip().lower().replace("-", "_")
    if not _is_simulated(name):
        profile = _of_other_packages(name)
        if profile is not None:
            return profile
    return profile_of(find_card(name_or_number))


@lru_cache(maxsize=MOST_CARDS)
def profile_of(card: SimulatedCard) -> ChipProfile:
    """The chip of a simulated card.  Raises ConfigurationError for a file that is wrong."""
    ours = _our_folder()
    plain = card.wallet is None and not card.issuer
    file = (_read(ours, "profiles", card.name, ProfileFile) if plain else None) or ProfileFile(psn=card.sequence)
    return _built(card.name, file, card, (ours,))


def profile_names() -> tuple[str, ...]:
    """Every chip card: the simulated cards in their order, then those of other packages."""
    names = [card.name for card in all_cards()]
    for folder in _other_folders():
        names += (name for name in _names(folder) if name not in names)
    return tuple(names)


def _built(name: str, file: ProfileFile, card: SimulatedCard, folders: tuple[Folder, ...]) -> ChipProfile:
    entries = file.applications or [ApplicationOfCard.model_validate({"from": network}) for network in card.networks]
    origins = [_application_file(entry.origin, folders) for entry in entries]
    applications = tuple(
        _application(origin, entry, card, priority)
        for priority, (origin, entry) in enumerate(zip(origins, entries, strict=True), 1)
    )
    atr = file.atr or origins[0].atr
    return ChipProfile(
        name,
        card,
        bytes.fromhex(atr) if atr else PLAIN_ATR,
        applications,
        file.psn if card.wallet is None else PSN_OF_DEVICES,
        file.pse,
        file.pin_tries,
        device_objects=device_objects(card),
    )


def _application(
    origin: ApplicationFile, entry: ApplicationOfCard, card: SimulatedCard, priority: int
) -> ApplicationProfile:
    told: dict[str, Any] = {
        "iac_denial": IAC_DENIAL_OF_OFFLINE_PIN if card.cvm == "offline_pin" else IAC_DENIAL,
        "iac_online": IAC_ONLINE,
        "cvm_list": CVM_LISTS[card.cvm],
    }
    told |= origin.model_dump(exclude_none=True) | entry.model_dump(exclude_none=True)
    told |= _OF_DEVICES.get(origin.scheme, {}) if card.wallet is not None else {}
    behaviour: dict[str, Any] = {key: bytes.fromhex(told[key]) for key in _BYTES if key in told}
    behaviour |= {key: told[key] for key in _AS_THEY_ARE if key in told}
    air = entry.air or origin.air
    names = entry.names or origin.by_funding.get(card.funding, origin.names)
    currency, exponent, languages = _HOMES.get(card.country, _ELSEWHERE)
    return ApplicationProfile(
        aid=bytes.fromhex(origin.aid),
        label=names.label,
        preferred_name=names.preferred_name,
        country=packed(country_number(card.country)),
        currency=packed(currency_number(currency)),
        exponent=exponent,
        languages=languages,
        priority=priority,
        air=air_of(air, card, can_sign=behaviour.get("auth", "cda") in ("cda", "dda")) if air is not None else None,
        device=card.wallet is not None,
        issuer=card.issuer,
        **behaviour,
    )


def _application_file(name: str, folders: tuple[Folder, ...]) -> ApplicationFile:
    for folder in folders:
        found = _read(folder, "applications", name, ApplicationFile)
        if found is not None:
            return found
    raise ConfigurationError(f"There is no card application {name!r}.", "docs/cards.md says where their files stand.")


# --- files ---------------------------------------------------------------------------------------------------


def _our_folder() -> Traversable:
    return files(__package__)


def _is_simulated(name: str) -> bool:
    return name.isdigit() or any(card.name == name for card in all_cards())


@cache
def _of_other_packages(name: str) -> ChipProfile | None:
    for folder in _other_folders():
        file = _read(folder, "profiles", name, ProfileFile) if name in _names(folder) else None
        if file is not None:
            return _built(name, file, find_card(file.card or name), (folder, _our_folder()))
    return None


@cache
def _other_folders() -> tuple[Folder, ...]:
    found = []
    for name, folder_of in loaded(GROUP):
        try:
            folder: Folder = folder_of()
            _names(folder)
        except Exception as error:  # a stranger's function: anything may be wrong with it
            warn_broken(GROUP, name, error)
            continue
        found.append(folder)
    return tuple(found)


def _names(folder: Folder) -> Iterator[str]:
    entries = folder.joinpath("profiles").iterdir()
    return iter(sorted(entry.name[:-5] for entry in entries if entry.name.endswith(".toml")))


_Shaped = TypeVar("_Shaped", ProfileFile, ApplicationFile)


def _read(folder: Folder, kind: str, name: str, shape: type[_Shaped]) -> _Shaped | None:
    """A file of a folder, None when it has none of this name.  Raises ConfigurationError for one that is wrong."""
    entry = folder.joinpath(kind, f"{name}.toml")
    if not entry.is_file():
        return None
    where = f"{kind}/{name}.toml"
    try:
        data = tomllib.loads(entry.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{where} is not TOML: {error}.") from None
    return check(shape, data, where)


__all__ = ["GROUP", "UnknownCard", "find_profile", "profile_names", "profile_of"]
