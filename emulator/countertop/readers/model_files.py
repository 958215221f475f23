"""The shape of a reader's data files, and errors that say which file and key to mend.

The files themselves are data of ``countertop_firmware`` (or of another package); their README explains
every key.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from countertop.errors import ConfigurationError

Interface = Literal["tap", "insert", "swipe"]
PinRegion = Literal["none", "offline", "online"]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
FEWEST_PLACES = 6


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
    """The display: pixels, inches."""

    width: int = Field(gt=0)
    height: int = Field(gt=0)
    inches: float = Field(gt=0)
    theme: Literal["dark", "light"] = "light"


class Input(_Shape):
    """What the card slots take."""

    interfaces: list[Interface] = Field(min_length=1)
    chip_only_brands: list[str] = []
    unsupported_networks: list[str] = []


class Network(_Shape):
    """Links in order of priority, lowest first; the address that an unboxed device says it has."""

    links: list[Literal["wifi", "ethernet", "cellular", "bluetooth", "usb"]] = Field(min_length=1)
    address_mask: str = "192.168.1.###"


class Battery(_Shape):
    """Hours on one charge; the charge in percent above which software is installed."""

    hours: float = Field(gt=0)
    install_above_percent: int = Field(default=50, ge=0, le=100)


class Timing(_Shape):
    """How long each phase takes when people watch, in milliseconds."""

    boot: int = Field(ge=0)
    reading_tap: int = Field(ge=0)
    reading_insert: int = Field(ge=0)
    reading_swipe: int = Field(ge=0)
    pin: int = Field(ge=0)
    authorizing: int = Field(ge=0)
    result: int = Field(ge=0)
    heartbeat: int = Field(gt=0)
    pairing_code: int = Field(gt=0)
    update: int = Field(default=180_000, ge=0)
    collected: int = Field(default=30_000, gt=0)
    inputs_done: int = Field(default=3_000, ge=0)


class ReaderModel(_Shape):
    """One device: ``models/<name>.toml``."""

    name: Name
    title: str
    kind: Literal["smart", "mobile"]
    device_type: str
    app_version: str
    serial: Mask
    os: str = ""
    simulated: Simulated | None = None
    screen: ScreenSize | None = None
    input: Input
    features: list[Literal["tips", "inputs", "print"]] = []
    network: Network
    battery: Battery | None = None
    timing_ms: Timing


class SkuFile(_Shape):
    """One country variant: ``skus/<name>.toml``.  The optional keys override the device's."""

    name: Name
    model: Name
    countries: list[Country] = Field(min_length=1)
    pin: PinRegion
    firmware: str
    config: str
    rom: str
    app_version: str | None = None
    title: str | None = None
    timing_ms: dict[str, int] = {}


_Shaped = TypeVar("_Shaped", bound=_Shape)


def check(shape: type[_Shaped], data: dict[str, Any], where: str) -> _Shaped:
    """Data as a typed value.

    Raises ConfigurationError naming the file (``where``), each wrong key and why.
    """
    try:
        return shape.model_validate(data)
    except ValidationError as error:
        problems = [_say(problem["loc"], problem["type"], problem["msg"]) for problem in error.errors()]
    raise ConfigurationError(
        f"{where}: {'; '.join(problems)}.", "The README of countertop_firmware explains every key."
    )


def _say(location: tuple[int | str, ...], kind: str, message: str) -> str:
    key = ".".join(str(part) for part in location)
    if kind == "missing":
        return f"{key} is missing"
    if kind == "extra_forbidden":
        return f"{key} is not a key of this file"
    message = message.removeprefix("Value error, ")
    return f"{key}: {message[:1].lower()}{message[1:]}"
