"""Fleet files: the accounts, configurations, locations and readers of a world, declared in TOML.

::

    [[account]]
    key = "sk_test_london"
    country = "GB"

    [[location]]
    display_name = "Covent Garden"
    key = "sk_test_london"

    [[reader]]
    location = "Covent Garden"
    model = "stripe_s700"
    count = 3
    label = "Till"

This module has the shape of a file; ``fleet_checks`` looks at what its parts say of each other.
"""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, ValidationError

from countertop.bench import DEFAULT_KEY
from countertop.cli import fleet_lines
from countertop.cli.fleet_times import duration_ms, moment
from countertop.errors import ConfigurationError
from countertop.readers.model_files import did_you_mean

HINT = "docs/fleet-files.md shows every table and key."
DEFAULT_MODEL = "bbpos_wisepos_e"
Text = Annotated[str, Field(min_length=1, max_length=500)]
Key = Annotated[str, Field(pattern=r"^sk_test_[!-~]+$")]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Settings = Annotated[dict[str, Any], Field(min_length=1)]


def _moment(value: Any) -> Any:
    # TOML has times of its own; they are read like those in quotes.
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, (datetime, time)):
        value = value.isoformat()
    return moment(value) if isinstance(value, str) else value


def _duration(value: Any) -> int:
    return duration_ms(str(value))


class Entry(BaseModel):
    """A table of the file; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid")


class WorldEntry(Entry):
    """``[fleet]``: of the world as a whole."""

    seed: Annotated[str | int, Field(union_mode="left_to_right")] | None = None


class AccountEntry(Entry):
    """An account and what only a dashboard could set."""

    key: Key
    country: Text | None = None
    default_currency: Text | None = None
    mcc: Text | None = None
    business_name: Text | None = None
    statement_descriptor: Text | None = None


class ConfigurationEntry(Entry):
    """A Terminal configuration, its settings as the API takes them; ``default``: it is the account's default one."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    key: Key = DEFAULT_KEY
    default: bool = False
    cellular: Settings | None = None
    offline: Settings | None = None
    reader_security: Settings | None = None
    reboot_window: Settings | None = None
    tipping: Settings | None = None
    wifi: Settings | None = None

    def params(self) -> dict[str, Any]:
        """The parameters of the API call that makes it."""
        return self.model_dump(exclude_none=True, exclude={"key", "default"})


class AddressEntry(Entry):
    """A street address."""

    line1: Text
    line2: Text | None = None
    city: Text | None = None
    state: Text | None = None
    postal_code: Text | None = None
    country: Country | None = None


class LocationEntry(Entry):
    """A place with readers; without an address it stands at an example address of its country.

    ``configuration``: the name of a [[configuration]] of the same account that holds there.
    """

    display_name: Text
    key: Key = DEFAULT_KEY
    country: Country | None = None
    address: AddressEntry | None = None
    configuration: Text | None = None


class FaultEntry(Entry):
    """A fault that comes at a moment, and goes again after a while or stays."""

    name: Text
    at: Annotated[time | datetime, BeforeValidator(_moment)]
    for_ms: Annotated[int | None, BeforeValidator(_duration), Field(alias="for")] = None


class ReaderEntry(Entry):
    """``count`` readers of one model at a location; with more than one, labels are numbered.

    ``sku`` names a country variant; ``country`` the country that a device was bought in, the location's when left out.
    ``faults``: those that a new reader begins with; ``fault``: those that come later.
    """

    location: Text
    model: Text | None = None
    sku: Text | None = None
    country: Country | None = None
    count: Annotated[int, Field(ge=1, le=100_000, strict=True)] = 1
    label: Text = "Reader"
    key: Key | None = None
    simulated: bool = True
    faults: list[Text] = []
    fault: list[FaultEntry] = []

    def labels(self) -> list[str]:
        """The label of each reader."""
        if self.count == 1:
            return [self.label]
        return [f"{self.label} {number}" for number in range(1, self.count + 1)]


class Fleet(Entry):
    """A whole file."""

    fleet: WorldEntry = WorldEntry()
    account: list[AccountEntry] = []
    configuration: list[ConfigurationEntry] = []
    location: list[LocationEntry] = []
    reader: list[ReaderEntry] = []
    _file: Path | None = PrivateAttr(default=None)
    _text: str = PrivateAttr(default="")

    @classmethod
    def parse(cls, file: Path, text: str) -> Fleet:
        """The fleet in a text.  Raises ValidationError, TOMLDecodeError."""
        fleet = cls.model_validate(tomllib.loads(text))
        fleet._file, fleet._text = file, text
        return fleet

    @property
    def seed(self) -> str | None:
        """The seed of the world, if the file has one."""
        return None if self.fleet.seed is None else str(self.fleet.seed)

    def complaint(self, path: fleet_lines.Path, message: str) -> ConfigurationError:
        """An error that names file, line and key."""
        return _complaint(self._file, self._text, path, message)

    def place_of(self, reader: ReaderEntry) -> LocationEntry | None:
        """The location that a reader entry names, in its account."""
        for place in self.location:
            if place.display_name == reader.location and reader.key in (None, place.key):
                return place
        return None

    def configuration_of(self, place: LocationEntry) -> ConfigurationEntry | None:
        """The configuration that a location names, in its account."""
        for entry in self.configuration:
            if (entry.name, entry.key) == (place.configuration, place.key):
                return entry
        return None


def read_fleet(file: Path) -> Fleet:
    """The fleet in a file.

    Raises ConfigurationError naming the file, the line and the key that is wrong, and what to write instead.
    """
    from countertop.cli.fleet_checks import check_fleet

    try:
        text = file.read_text(encoding="utf-8")
        fleet = Fleet.parse(file, text)
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{file} is not UTF-8 text.", HINT) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{file} is not TOML: {error}.", HINT) from None
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        raise _complaint(file, text, problem["loc"], _said(problem["loc"], problem["type"], problem["msg"])) from None
    check_fleet(fleet)
    return fleet


def _complaint(file: Path | None, text: str, path: fleet_lines.Path, message: str) -> ConfigurationError:
    where = fleet_lines.dotted(path)
    place = "" if file is None else f"{file}, line {fleet_lines.line_of(text, path)}: "
    return ConfigurationError(f"{place}{where}: {message}.", HINT)


def _said(path: fleet_lines.Path, kind: str, message: str) -> str:
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        keys = _keys_beside(path)
        return f"there is no such key{did_you_mean(str(path[-1]), keys)}; there are: {', '.join(keys)}"
    return message.removeprefix("Value error, ").removesuffix(".")


def _keys_beside(path: fleet_lines.Path) -> list[str]:
    shape: type[BaseModel] = Fleet
    inside: dict[str, type[BaseModel]] = {
        "fleet": WorldEntry,
        "account": AccountEntry,
        "configuration": ConfigurationEntry,
        "location": LocationEntry,
        "reader": ReaderEntry,
        "address": AddressEntry,
        "fault": FaultEntry,
    }
    for part in path[:-1]:
        shape = inside.get(str(part), shape)
    return [field.alias or name for name, field in shape.model_fields.items()]
