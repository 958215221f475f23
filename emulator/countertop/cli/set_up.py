"""What ``countertop up`` puts into a world before it opens: accounts, readers, a webhook endpoint, loaded objects.

All of it may be asked for again at the next start: what is there already is found and left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from countertop.accounts import location_params, shop_address
from countertop.bench import DEFAULT_KEY, Bench
from countertop.call import CallFailed
from countertop.cli.fleet_checks import variant_of
from countertop.cli.fleet_file import ConfigurationEntry, Fleet, LocationEntry, ReaderEntry
from countertop.cli.fleet_times import instant_ms
from countertop.errors import ConfigurationError
from countertop.readers.models import Sku
from countertop.seeding import read_objects
from countertop.webhooks.deliveries import PRIVATE

COUNTER = "Countertop"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line asked for; files are read already."""

    accounts: tuple[str, ...] = ()
    readers: int | None = None
    fleet: Fleet | None = None
    forward_to: str | None = None
    events: tuple[str, ...] = ()
    objects: Sequence[Mapping[str, Any]] = ()
    issuing: Mapping[str, str] = field(default_factory=dict)


def given(**settings: str | None) -> dict[str, str]:
    """The settings that the command line names."""
    return {name: value for name, value in settings.items() if value is not None}


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
        for account in tuple(bench.world.accounts) if wishes.issuing else ():
            bench.configure_issuing(account.id, **wishes.issuing)
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
    entry = ReaderEntry(location=COUNTER, count=count, label="Reader")
    fleet = Fleet(location=[place], reader=[entry])
    # Numbered even when there is one: a later start with more of them finds the first again.
    _put(bench, fleet, 0, _location(bench, fleet, place), [f"Reader {number}" for number in range(1, count + 1)])


def put_fleet(bench: Bench, fleet: Fleet) -> None:
    """See to it that everything that a fleet file declares is there.

    Raises ConfigurationError naming the file's line for what only the open world could tell.
    """
    for account in fleet.account:
        bench.configure_account(account.key, **account.model_dump(exclude_none=True, exclude={"key"}))
    for configuration in fleet.configuration:
        _configuration(bench, configuration)
    locations = {(place.key, place.display_name): _location(bench, fleet, place) for place in fleet.location}
    for position, entry in enumerate(fleet.reader):
        place = fleet.place_of(entry)
        assert place is not None, "the file was checked when it was read"
        _put(bench, fleet, position, locations[place.key, place.display_name], entry.labels())


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


def _put(bench: Bench, fleet: Fleet, position: int, location: dict[str, Any], labels: Sequence[str]) -> None:
    """Register the readers of one entry that are not there yet, and plan the faults of all of them."""
    entry = fleet.reader[position]
    place = fleet.place_of(entry)
    assert place is not None, "the file was checked when it was read"
    country = location["address"]["country"]
    sku = variant_of(fleet, position, entry, country)
    bought_in = entry.country or (country if country in sku.countries else sku.countries[0])
    found = _all(bench, "/v1/terminal/readers", place.key, {"location": location["id"]})
    there = {reader["label"]: str(reader["serial_number"]) for reader in found}
    for label in labels:
        if label not in there:
            code = _registration_code(bench, entry, sku, bought_in)
            params = {"registration_code": code, "location": location["id"], "label": label}
            made = bench.call("POST", "/v1/terminal/readers", params, key=place.key)
            there[label] = str(made["serial_number"])
            _begin_with(bench, there[label], entry.faults)
    _plan_faults(bench, entry, [there[label] for label in labels])


def _begin_with(bench: Bench, serial: str, faults: Sequence[str]) -> None:
    def begin(tx: Any) -> None:
        for name in faults:
            bench.devices.set_fault(tx, serial, name)

    if faults:
        bench.transact(begin)


def _plan_faults(bench: Bench, entry: ReaderEntry, serials: Sequence[str]) -> None:
    """What has been by now is over; a time of day is the next one; what is planned already is left as it is."""
    now_ms = bench.clock.now_ms()
    moments = [(fault, instant_ms(fault.at, now_ms)) for fault in entry.fault]

    def plan(tx: Any) -> None:
        for serial in serials:
            there = {(at_ms, name) for at_ms, name, _ in bench.devices.state(tx, serial).plan}
            for fault, at_ms in moments:
                if at_ms >= now_ms and (at_ms, fault.name) not in there:
                    bench.devices.plan_fault(tx, serial, fault.name, at_ms, fault.for_ms)

    if moments:
        bench.transact(plan)


def _configuration(bench: Bench, entry: ConfigurationEntry) -> str:
    """The id of a configuration by its name; the account's default one is given its settings once."""
    found = list(_all(bench, "/v1/terminal/configurations", entry.key))
    for there in found:
        if there["name"] == entry.name and there["is_account_default"] == entry.default:
            return str(there["id"])
    path = "/v1/terminal/configurations"
    if entry.default:
        path += "/" + next(there["id"] for there in found if there["is_account_default"])
    return str(bench.call("POST", path, entry.params(), key=entry.key)["id"])


def _location(bench: Bench, fleet: Fleet, place: LocationEntry) -> dict[str, Any]:
    for location in _all(bench, "/v1/terminal/locations", place.key):
        if location["display_name"] == place.display_name:
            return location
    country = place.country or bench.account(place.key).country
    address = dict(shop_address(country))
    if place.address is not None:
        address = {"country": country} | place.address.model_dump(exclude_none=True)
    params = location_params(place.display_name, address)
    configuration = fleet.configuration_of(place)
    if configuration is not None:
        params["configuration_overrides"] = _configuration(bench, configuration)
    try:
        made: dict[str, Any] = bench.call("POST", "/v1/terminal/locations", params, key=place.key)
    except CallFailed as refused:
        keys = re.findall(r"[^\[\]]+", str(refused.error.get("param") or "")) if place.address is not None else []
        raise fleet.complaint(("location", fleet.location.index(place), *keys), str(refused).rstrip(".")) from None
    return made


def _registration_code(bench: Bench, entry: ReaderEntry, sku: Sku, bought_in: str) -> str:
    if entry.simulated:
        assert sku.model.simulated is not None, "the entry was checked"
        return sku.model.simulated.registration_code

    def unboxed(tx: Any) -> str:
        serial = bench.devices.unbox(tx, sku.model.name, bought_in, at_once=True)
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
