"""What ``countertop up`` puts into a world before it opens: accounts, readers, a webhook endpoint, loaded objects.

All of it may be asked for again at the next start: what is there already is found and left as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from countertop.accounts import shop_address
from countertop.bench import DEFAULT_KEY, Bench
from countertop.cli.fleet_file import Fleet, LocationEntry, ReaderEntry
from countertop.errors import ConfigurationError
from countertop.readers.models import shelf
from countertop.seeding import read_objects
from countertop.webhooks.deliveries import PRIVATE

COUNTER = "Countertop"
MODEL = "bbpos_wisepos_e"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line asked for; files are read already."""

    accounts: tuple[str, ...] = ()
    readers: int | None = None
    fleet: Fleet | None = None
    forward_to: str | None = None
    events: tuple[str, ...] = ()
    objects: Sequence[Mapping[str, Any]] = ()


def read_objects_of(file: Path) -> list[dict[str, Any]]:
    """The objects of a seed file.  Raises ConfigurationError naming the file."""
    try:
        return read_objects(file.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read: {error.strerror}.") from None
    except ConfigurationError as error:
        raise ConfigurationError(f"{file}: {error.message}", error.hint) from None


def prepare(bench: Bench, wishes: Wishes) -> str | None:
    """Do all of it in one commit; returns the signing secret of the forwarding endpoint, when one was asked for."""
    secret = None
    bench.store.grouping = True
    try:
        declare_accounts(bench, wishes.accounts)
        bench.account(DEFAULT_KEY)
        if wishes.objects:
            bench.load(wishes.objects)
        if wishes.readers:
            put_readers(bench, wishes.readers)
        if wishes.fleet is not None:
            put_fleet(bench, wishes.fleet)
        if wishes.forward_to is not None:
            secret = forward(bench, wishes.forward_to, wishes.events)
        bench.store.flush()
    finally:
        bench.store.grouping = False
    return secret


def declare_accounts(bench: Bench, declarations: Sequence[str]) -> None:
    """``KEY=COUNTRY`` for each account.  Raises ConfigurationError for anything else."""
    for text in declarations:
        key, equals, country = text.rpartition("=")
        if not equals or not key or not country:
            raise ConfigurationError(f"{text!r} declares no account.", "Write --account sk_test_london=GB")
        bench.configure_account(key, country=country)


def put_readers(bench: Bench, count: int) -> None:
    """See to it that the default key has ``count`` simulated readers on one counter."""
    place = LocationEntry(display_name=COUNTER)
    entry = ReaderEntry(location=COUNTER, count=count, label="Reader", model=MODEL)
    # Numbered even when there is one: a later start with more of them finds the first again.
    _put(bench, place, entry, [f"Reader {number}" for number in range(1, count + 1)])


def put_fleet(bench: Bench, fleet: Fleet) -> None:
    """See to it that everything that a fleet file declares is there."""
    for account in fleet.account:
        bench.configure_account(account.key, **account.model_dump(exclude_none=True, exclude={"key"}))
    for place in fleet.location:
        _location(bench, place)
    for entry in fleet.reader:
        place_of = fleet.place_of(entry)
        assert place_of is not None, "the file was checked when it was read"
        _put(bench, place_of, entry, entry.labels())


def forward(bench: Bench, url: str, events: Sequence[str]) -> str:
    """See to it that a webhook endpoint of the default key sends ``events`` to ``url``; returns its secret."""
    wanted = list(events) or ["*"]
    for endpoint in _all(bench, "/v1/webhook_endpoints", DEFAULT_KEY):
        if endpoint["url"] == url and endpoint["status"] == "enabled":
            if sorted(endpoint["enabled_events"]) != sorted(wanted):
                bench.call("POST", f"/v1/webhook_endpoints/{endpoint['id']}", {"enabled_events": wanted})
            return _secret(bench, endpoint["id"])
    made = bench.call("POST", "/v1/webhook_endpoints", {"url": url, "enabled_events": wanted})
    return str(made["secret"])


# --- inner ------------------------------------------------------------------------------------------------------


def _put(bench: Bench, place: LocationEntry, entry: ReaderEntry, labels: Iterable[str]) -> None:
    location = _location(bench, place)
    found = _all(bench, "/v1/terminal/readers", place.key, {"location": location["id"]})
    there = {reader["label"] for reader in found}
    for label in labels:
        if label not in there:
            code = _registration_code(bench, entry, location["address"]["country"])
            params = {"registration_code": code, "location": location["id"], "label": label}
            bench.call("POST", "/v1/terminal/readers", params, key=place.key)


def _location(bench: Bench, place: LocationEntry) -> dict[str, Any]:
    for location in _all(bench, "/v1/terminal/locations", place.key):
        if location["display_name"] == place.display_name:
            return location
    country = place.country or bench.account(place.key).country
    address: dict[str, Any] = dict(shop_address(country))
    if place.address is not None:
        address = {"country": country} | place.address.model_dump(exclude_none=True)
    params = {"display_name": place.display_name, "address": address}
    made: dict[str, Any] = bench.call("POST", "/v1/terminal/locations", params, key=place.key)
    return made


def _registration_code(bench: Bench, entry: ReaderEntry, country: str) -> str:
    model = shelf().variant(entry.model, country).model
    if entry.simulated:
        if model.simulated is None:
            raise ConfigurationError(f"There is no simulator of the {entry.model}.", "Set simulated = false.")
        return model.simulated.registration_code

    def unboxed(tx: Any) -> str:
        serial = bench.devices.unbox(tx, entry.model, country, at_once=True)
        return bench.devices.state(tx, serial).code or ""

    return bench.transact(unboxed)


def _secret(bench: Bench, endpoint: str) -> str:
    account = bench.account(DEFAULT_KEY).id
    row = bench.transact(lambda tx: tx.get(account, PRIVATE, endpoint))
    assert row is not None, "an endpoint is stored together with its secret"
    return str(row["secret"])


def _all(bench: Bench, path: str, key: str, params: Mapping[str, Any] | None = None) -> Iterator[dict[str, Any]]:
    asked = {"limit": 100, **(params or {})}
    while True:
        page = bench.call("GET", path, asked, key=key)
        yield from page["data"]
        if not page["has_more"]:
            return
        asked["starting_after"] = page["data"][-1]["id"]
