"""What the parts of a fleet file say of each other, and of what this installation knows.

Everything that can be known before a world is opened is refused here, with file, line and key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from countertop.accounts import CURRENCY_OF, Account
from countertop.bench import Bench
from countertop.call import CallFailed
from countertop.cli.fleet_file import DEFAULT_MODEL, Fleet, LocationEntry, ReaderEntry
from countertop.cli.fleet_lines import Path
from countertop.errors import ConfigurationError
from countertop.readers.faults import FAULTS
from countertop.readers.model_files import did_you_mean
from countertop.readers.models import Sku, shelf
from countertop.readers.plans import MOST_ENTRIES

MOST_PLANNED = MOST_ENTRIES // 2


def check_fleet(fleet: Fleet) -> None:
    """All checks, in the order of the file's tables.  Raises ConfigurationError for the first that fails."""
    for position, account in enumerate(fleet.account):
        if account.country is not None and account.country.upper() not in CURRENCY_OF:
            raise _unknown(fleet, ("account", position, "country"), account.country, CURRENCY_OF, "country")
        for key in ("mcc", "default_currency"):
            if getattr(account, key) is None:
                continue
            try:
                Account("acct_trial").with_settings(**{key: getattr(account, key)})
            except ConfigurationError as error:
                raise fleet.complaint(("account", position, key), f"{error.message} {error.hint}".rstrip(".")) from None
    _check_configurations(fleet)
    for position, place in enumerate(fleet.location):
        if place.country is not None and place.country not in CURRENCY_OF:
            raise _unknown(fleet, ("location", position, "country"), place.country, CURRENCY_OF, "country")
        if place.configuration is not None:
            assigned = fleet.configuration_of(place)
            here: Path = ("location", position, "configuration")
            if assigned is None:
                names = [entry.name for entry in fleet.configuration if entry.key == place.key]
                raise _unknown(fleet, here, place.configuration, names, "[[configuration]]")
            if assigned.default:
                raise fleet.complaint(here, "the account's default holds everywhere, leave this key out")
    labels: set[tuple[str, str, str]] = set()
    for position, entry in enumerate(fleet.reader):
        place = _check_reader(fleet, position, entry)
        for label in entry.labels():
            # Found by its label at the next start, so it has to be the only one.
            if (place.key, place.display_name, label) in labels:
                raise fleet.complaint(
                    ("reader", position, "label"),
                    f"there is another {label!r} at {place.display_name!r}; give every reader of a place its own",
                )
            labels.add((place.key, place.display_name, label))


def variant_of(fleet: Fleet, position: int, entry: ReaderEntry, country: str | None) -> Sku:
    """The country variant that a reader entry means at a location in ``country`` (None: not known yet).

    Raises ConfigurationError when there is none, and when no code could register it.
    """
    name = next((key for key in ("sku", "model") if getattr(entry, key) is not None), "location")
    try:
        sku = _sku_of(entry, entry.country or country)
    except ConfigurationError as error:
        hint = f" {error.hint}" if error.hint else ""
        raise fleet.complaint(("reader", position, name), f"{error.message}{hint}".rstrip(".")) from None
    at: Path = ("reader", position, name)
    if entry.model is not None and entry.model != sku.model.name:
        raise fleet.complaint(at, f"{sku.name} is a {sku.model.name}, not a {entry.model}; leave model out")
    if entry.country is not None and entry.country not in sku.countries:
        where = " ".join(sku.countries)
        raise fleet.complaint(("reader", position, "country"), f"{sku.name} is for {where}; leave country out")
    if sku.model.kind == "mobile":
        raise fleet.complaint(
            at, f"a {sku.model.name} is registered by the SDK of the phone that it hangs on; leave it out"
        )
    if entry.simulated and sku.model.simulated is None:
        raise fleet.complaint(at, f"there is no simulator of the {sku.model.name}; set simulated = false")
    if entry.simulated and country is not None and country not in sku.countries:
        raise fleet.complaint(
            ("reader", position, "sku" if entry.sku is not None else "country"),
            f"a simulated reader is of its location's country, {country}; set simulated = false",
        )
    return sku


def _check_reader(fleet: Fleet, position: int, entry: ReaderEntry) -> LocationEntry:
    place = fleet.place_of(entry)
    if place is None:
        names = [other.display_name for other in fleet.location if entry.key in (None, other.key)]
        raise _unknown(fleet, ("reader", position, "location"), entry.location, names, "[[location]]")
    sku = variant_of(fleet, position, entry, _country_of(fleet, place))
    _check_faults(fleet, ("reader", position, "faults"), list(entry.faults), sku)
    _check_faults(fleet, ("reader", position, "fault"), [fault.name for fault in entry.fault], sku)
    if len(entry.fault) > MOST_PLANNED:
        raise fleet.complaint(("reader", position, "fault"), f"a reader keeps {MOST_PLANNED} planned faults at most")
    return place


def _check_faults(fleet: Fleet, at: Path, names: list[str], sku: Sku) -> None:
    for index, name in enumerate(names):
        here: Path = (*at, index, "name") if at[-1] == "fault" else (*at, index)
        if name not in FAULTS:
            raise _unknown(fleet, here, name, FAULTS, "fault")
        if name == "battery_low" and sku.model.battery is None:
            raise fleet.complaint(here, f"a {sku.model.name} has no battery; leave battery_low out")


def _sku_of(entry: ReaderEntry, bought_in: str | None) -> Sku:
    if entry.sku is not None:
        return shelf().sku(entry.sku)
    model = entry.model or DEFAULT_MODEL
    if bought_in is not None:
        return shelf().variant(model, bought_in)
    variants = shelf().variants(model)
    if not variants:
        raise ConfigurationError(f"The {model} is sold nowhere: no file in skus/ names it.")
    return variants[0]


def _country_of(fleet: Fleet, place: LocationEntry) -> str | None:
    """Where a location will stand, as far as the file tells."""
    named = place.country or (place.address.country if place.address is not None else None)
    for account in fleet.account:
        if named is None and account.key == place.key and account.country is not None:
            named = account.country.upper()
    return named


def _check_configurations(fleet: Fleet) -> None:
    seen: set[tuple[str, str]] = set()
    defaults: set[str] = set()
    for position, entry in enumerate(fleet.configuration):
        if (entry.key, entry.name) in seen:
            raise fleet.complaint(("configuration", position, "name"), f"there are two called {entry.name!r}")
        if entry.default and entry.key in defaults:
            raise fleet.complaint(("configuration", position, "default"), f"{entry.key} has a default already")
        seen.add((entry.key, entry.name))
        if entry.default:
            defaults.add(entry.key)
    if not fleet.configuration:
        return
    # The API knows the rules: each is tried in a world that is thrown away.
    with Bench() as trial:
        for position, entry in enumerate(fleet.configuration):
            try:
                trial.call("POST", "/v1/terminal/configurations", entry.params())
            except CallFailed as refused:
                raise fleet.complaint(("configuration", position, *_path_of(refused)), _message_of(refused)) from None


def _path_of(refused: CallFailed) -> tuple[str, ...]:
    """``tipping[usd][percentages][0]`` as keys; positions in a list of numbers have no line of their own."""
    names = re.findall(r"[^\[\]]+", str(refused.error.get("param") or "name"))
    return tuple(name for name in names if not name.isdigit())


def _message_of(refused: CallFailed) -> str:
    return str(refused.error.get("message", refused)).removesuffix(".")


def _unknown(fleet: Fleet, path: Path, name: str, known: Iterable[str], what: str) -> ConfigurationError:
    names = list(known)
    return fleet.complaint(
        path, f"there is no {what} {name!r}{did_you_mean(name, names)}; there are: {', '.join(names) or 'none'}"
    )
