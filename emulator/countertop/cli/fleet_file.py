"""Fleet files: the accounts, locations and readers of a world, declared in TOML.

::

    [[account]]
    key = "sk_test_london"
    country = "GB"

    [[location]]
    display_name = "Covent Garden"
    key = "sk_test_london"

    [[reader]]
    location = "Covent Garden"
    count = 3
    label = "Till"
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from countertop.bench import DEFAULT_KEY
from countertop.errors import ConfigurationError

HINT = (
    'A fleet file has tables such as [[account]] key = "sk_test_X", country = "GB"; '
    '[[location]] display_name = "Shop"; [[reader]] location = "Shop", count = 3, label = "Till".'
)
Text = Annotated[str, Field(min_length=1, max_length=500)]
Key = Annotated[str, Field(pattern=r"^sk_test_[!-~]+$")]


class Entry(BaseModel):
    """A table of the file; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid")


class AccountEntry(Entry):
    """An account and what only a dashboard could set."""

    key: Key
    country: Text | None = None
    default_currency: Text | None = None
    mcc: Text | None = None
    business_name: Text | None = None
    statement_descriptor: Text | None = None


class AddressEntry(Entry):
    """A street address."""

    line1: Text
    line2: Text | None = None
    city: Text | None = None
    state: Text | None = None
    postal_code: Text | None = None
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None


class LocationEntry(Entry):
    """A place with readers; without an address it stands at an example address of its country."""

    display_name: Text
    key: Key = DEFAULT_KEY
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    address: AddressEntry | None = None


class ReaderEntry(Entry):
    """``count`` readers of one model at a location; with more than one, labels are numbered."""

    location: Text
    model: Text = "bbpos_wisepos_e"
    count: Annotated[int, Field(ge=1, le=100_000)] = 1
    label: Text = "Reader"
    key: Key | None = None
    simulated: bool = True

    def labels(self) -> list[str]:
        """The label of each reader."""
        if self.count == 1:
            return [self.label]
        return [f"{self.label} {number}" for number in range(1, self.count + 1)]


class Fleet(Entry):
    """A whole file."""

    account: list[AccountEntry] = []
    location: list[LocationEntry] = []
    reader: list[ReaderEntry] = []

    @model_validator(mode="after")
    def _locations_exist(self) -> Fleet:
        for position, entry in enumerate(self.reader):
            if self.place_of(entry) is None:
                known = ", ".join(place.display_name for place in self.location) or "none"
                raise ValueError(f"reader.{position}.location: there is no [[location]] {entry.location!r} ({known})")
        return self

    def place_of(self, reader: ReaderEntry) -> LocationEntry | None:
        """The location that a reader entry names, in its account."""
        for place in self.location:
            if place.display_name == reader.location and reader.key in (None, place.key):
                return place
        return None


def read_fleet(file: Path) -> Fleet:
    """The fleet in a file.  Raises ConfigurationError naming the file, the line and the key that is wrong."""
    try:
        text = file.read_text(encoding="utf-8")
        return Fleet.model_validate(tomllib.loads(text))
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{file} is not UTF-8 text.", HINT) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{file} is not TOML: {error}.", HINT) from None
    except ValidationError as error:
        raise ConfigurationError(_explained(file, text, error), HINT) from None


def _explained(file: Path, text: str, error: ValidationError) -> str:
    problem = error.errors(include_url=False, include_input=False)[0]
    path: tuple[str | int, ...] = problem["loc"]
    message = problem["msg"].removeprefix("Value error, ")
    if not path:
        dotted, _, message = message.partition(": ")
        path = tuple(int(part) if part.isdigit() else part for part in dotted.split("."))
    where = ".".join(str(part) for part in path if isinstance(part, str))
    return f"{file}, line {_line_of(text, path)}: {where}: {message}."


def _line_of(text: str, path: tuple[str | int, ...]) -> int:
    """The line of a key: of the n-th table of that name, and in it of the key that begins like the path's next name."""
    lines = text.splitlines()
    names = [part for part in path if isinstance(part, str)]
    positions = [part for part in path if isinstance(part, int)]
    start = 0
    if positions:
        header = re.compile(rf"\s*\[\[\s*{re.escape(names[0])}\s*\]\]")
        found = [number for number, line in enumerate(lines) if header.match(line)]
        start = found[positions[0]] if positions[0] < len(found) else 0
        names = names[1:]
    for number in range(start + bool(positions), len(lines)):
        if positions and lines[number].lstrip().startswith("[["):
            break
        if names and re.match(rf"\s*\[*\s*(?:\w+\.)?{re.escape(names[0])}\b", lines[number]):
            return number + 1
    return start + 1
