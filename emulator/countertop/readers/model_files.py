"""The shape of a reader's data files, and errors that say which file and key to mend.

The files themselves are data of ``countertop_firmware`` (or of another package); their README explains
every key.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from countertop.errors import ConfigurationError

Interface = Literal["tap", "insert", "swipe"]
PinRegion = Literal["none", "offline", "online"]
Feature = Literal["tips", "inputs", "print"]
Stage = Literal["ga", "preview", "private", "legacy"]
Link = Literal["wifi", "ethernet", "cellular", "bluetooth", "usb"]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
FEWEST_PLACES = 6
PHONE_LINKS = frozenset({"bluetooth", "usb"})


def _mask(text: str) -> str:
    # A million devices must not run out of serials.
    if sum(text.count(place) for place in "#?") < FEWEST_PLACES:
        raise ValueError(f"needs at least {FEWEST_PLACES} places marked # or ?")
    return text


Mask = Annotated[str, AfterValidator(_mask)]


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Simulated(_Shape):
    """The simulator of a device."""

    device_type: str
    registration_code: str
    serial: Mask
    ip_address: str


class ScreenSize(_Shape):
    """The display: pixels, inches; what is not published is left out."""

    width: int | None = Field(default=None, gt=0)
    height: int | None = Field(default=None, gt=0)
    inches: float | None = Field(default=None, gt=0)
    theme: Literal["dark", "light"] = "light"

    @model_validator(mode="after")
    def _known(self) -> ScreenSize:
        if (self.width is None) != (self.height is None):
            raise ValueError("give width and height together, or neither")
        if self.width is None and self.inches is None:
            raise ValueError("give width and height, inches, or all three")
        return self


class Input(_Shape):
    """What the card slots take, and under which kind of key (DUKPT) a PIN leaves the device."""

    interfaces: list[Interface] = Field(min_length=1)
    pin_encryption: Literal["tdes", "aes"] = "aes"
    chip_only_brands: list[str] = []
    unsupported_networks: list[str] = []


class Network(_Shape):
    """Links in order of priority, lowest first; the address that an unboxed device says it has."""

    links: list[Link] = Field(min_length=1)
    address_mask: str = "192.168.1.###"


class Battery(_Shape):
    """Hours on one charge, its capacity in mAh; the charge in percent above which software is installed."""

    hours: float = Field(gt=0)
    mah: int | None = Field(default=None, gt=0)
    install_above_percent: int = Field(default=50, ge=0, le=100)


class Power(_Shape):
    """When a device restarts or switches itself off, other than at night."""

    restart_after_hours: int | None = Field(default=None, gt=0)
    off_after_idle_minutes: int | None = Field(default=None, gt=0)
    off_after_unconnected_minutes: int | None = Field(default=None, gt=0)


class Timing(_Shape):
    """How long each phase takes when people watch, in milliseconds.  What is left out takes what feels right here."""

    boot: int = Field(default=3_000, ge=0)
    reading_tap: int = Field(default=600, ge=0)
    reading_insert: int = Field(default=1_200, ge=0)
    reading_swipe: int = Field(default=400, ge=0)
    pin: int = Field(default=400, ge=0)
    authorizing: int = Field(default=900, ge=0)
    result: int = Field(default=3_000, ge=0)
    heartbeat: int = Field(default=30_000, gt=0)
    pairing_code: int = Field(default=3_600_000, gt=0)
    update: int = Field(default=180_000, ge=0)
    collected: int = Field(default=30_000, gt=0)
    inputs_done: int = Field(default=3_000, ge=0)


class ReaderModel(_Shape):
    """One device: ``models/<name>.toml``."""

    name: Name
    title: str
    kind: Literal["smart", "mobile"]
    device_type: str
    app_version: str = ""
    serial: Mask
    os: str = ""
    simulated: Simulated | None = None
    screen: ScreenSize | None = None
    input: Input
    features: list[Feature] = []
    network: Network
    battery: Battery | None = None
    power: Power = Power()
    timing_ms: Timing = Timing()

    @model_validator(mode="after")
    def _of_its_kind(self) -> ReaderModel:
        if self.kind == "smart":
            if not self.app_version:
                raise ValueError("app_version: a smart reader says which version it runs, such as 2.42.0.0")
            if PHONE_LINKS & set(self.network.links):
                raise ValueError("network.links: a smart reader has wifi, ethernet or cellular")
            return self
        if self.simulated is not None:
            raise ValueError("simulated: a mobile reader has no simulator code, leave the table out")
        if not set(self.network.links) <= PHONE_LINKS:
            raise ValueError("network.links: a mobile reader hangs on a phone by bluetooth or usb")
        if {"inputs", "print"} & set(self.features):
            raise ValueError("features: a mobile reader can have tips, but neither inputs nor print")
        return self


class SkuFile(_Shape):
    """One country variant: ``skus/<name>.toml``.  The optional keys override the device's.

    ``firmware``, ``config``, ``rom`` and ``firmware_config_key`` (a mobile reader's whole version string) are empty
    where nothing is published.
    """

    name: Name
    model: Name
    countries: list[Country] = Field(min_length=1)
    stage: Stage = "ga"
    pin: PinRegion
    firmware: str = ""
    config: str = ""
    rom: str = ""
    firmware_config_key: str = ""
    app_version: str | None = None
    title: str | None = None
    features: list[Feature] | None = None
    timing_ms: dict[str, int] = {}


_Shaped = TypeVar("_Shaped", bound=_Shape)


def check(shape: type[_Shaped], data: dict[str, Any], where: str) -> _Shaped:
    """Data as a typed value.

    Raises ConfigurationError naming the file (``where``), each wrong key, why, and what to write instead.
    """
    try:
        return shape.model_validate(data)
    except ValidationError as error:
        problems = [_say(shape, problem["loc"], problem["type"], problem["msg"]) for problem in error.errors()]
    raise ConfigurationError(
        f"{where}: {'; '.join(problems)}.", "The README of countertop_firmware explains every key."
    )


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`` (did you mean X?)`` for a name that is nearly one of the known ones, else nothing."""
    by_lower = {word.lower(): word for word in known}
    near = get_close_matches(name.lower(), by_lower, n=1)
    return f" (did you mean {by_lower[near[0]]}?)" if near else ""


def _say(shape: type[BaseModel], location: tuple[int | str, ...], kind: str, message: str) -> str:
    key = ".".join(str(part) for part in location)
    if kind == "missing":
        return f"{key} is missing"
    if kind == "extra_forbidden":
        return f"{key} is not a key of this file{did_you_mean(str(location[-1]), _keys_beside(shape, location))}"
    message = message.removeprefix("Value error, ")
    if not key:
        return message  # a rule of several keys names them itself
    return f"{key}: {message[:1].lower()}{message[1:]}"


def _keys_beside(shape: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """The keys of the table that a key stands in."""
    for part in location[:-1]:
        field = shape.model_fields.get(str(part))
        options = () if field is None else (field.annotation, *getattr(field.annotation, "__args__", ()))
        inner = next((option for option in options if isinstance(option, type) and issubclass(option, _Shape)), None)
        if inner is None:
            return []
        shape = inner
    return list(shape.model_fields)
