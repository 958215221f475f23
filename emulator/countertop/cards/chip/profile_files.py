"""The shape of the files that chip cards are made from, and errors that say which file and key to mend.

``applications/<name>.toml`` is an application as its scheme has it; ``profiles/<name>.toml`` a card that differs from
what its simulated card alone would make it.  ``docs/cards.md`` explains every key.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from countertop.cards.chip.profile import Authentication, Style
from countertop.emv.cvn import CVNS
from countertop.errors import ConfigurationError


def _known_cvn(name: str) -> str:
    if name not in CVNS:
        raise ValueError(f"there is no {name!r}; there are {', '.join(CVNS)}")
    return name


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Hex = Annotated[str, StringConstraints(pattern=r"^([0-9A-F]{2})*$")]
ActionCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-F]{10}$")]
TwoBytes = Annotated[str, StringConstraints(pattern=r"^[0-9A-F]{4}$")]
# Characters that every code table of EMV has (ISO 8859).
Label = Annotated[str, StringConstraints(pattern=r"^[ -~]{1,16}$")]
CvnName = Annotated[str, AfterValidator(_known_cvn)]
Limit = Annotated[int, Field(ge=0, le=255)]


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Names(_Shape):
    """What an application is called: tag 50, and tag 9F12 where it has one."""

    label: Label
    preferred_name: Annotated[str, StringConstraints(pattern=r"^[ -~]{0,16}$")] = ""


class AirFile(_Shape):
    """How an application is used over the air, as :class:`AirProfile` has it; ``auth`` is by default the chip's."""

    kernel: Annotated[str, StringConstraints(pattern=r"^([0-9A-F]{2}){1,8}$")]
    style: Style
    pdol: Hex = ""
    auth: Authentication | None = None
    cvm_list: Hex = ""
    online_pin: bool = False
    signature: bool = False
    pin_always: bool = False
    chip_only: bool = False
    in_a_row: Limit | None = None


class ApplicationOverrides(_Shape):
    """What a card may have otherwise than the application's own file; what is left out stays as it is there."""

    names: Names | None = None
    scheme: Name | None = None
    network: Name | None = None
    cvn: CvnName | None = None
    auth: Authentication | None = None
    confirm: bool | None = None
    cdol1: Hex | None = None
    cdol2: Hex | None = None
    pdol: Hex | None = None
    ddol: Hex | None = None
    cvm_list: Hex | None = None
    iac_denial: ActionCode | None = None
    iac_online: ActionCode | None = None
    iac_default: ActionCode | None = None
    auc: TwoBytes | None = None
    version: TwoBytes | None = None
    service_code: Annotated[str, StringConstraints(pattern=r"^[0-9]{3}$")] | None = None
    lower_limit: Limit | None = None
    upper_limit: Limit | None = None
    offline_limit: Limit | None = None
    offline_amount: Annotated[int, Field(ge=0, le=999_999_999_999)] | None = None
    air: AirFile | None = None


class ApplicationFile(ApplicationOverrides):
    """``applications/<name>.toml``.

    ``atr``: of cards whose first application this is.  ``by_funding``: names by the card's funding where they differ;
    ``names`` for the rest.
    """

    aid: Annotated[str, StringConstraints(pattern=r"^([0-9A-F]{2}){5,16}$")]
    atr: Hex | None = None
    scheme: Name
    network: Name
    names: Names
    by_funding: dict[Literal["credit", "debit", "prepaid", "unknown"], Names] = {}
    cvn: CvnName
    cdol1: Hex
    cdol2: Hex
    iac_default: ActionCode


class ApplicationOfCard(ApplicationOverrides):
    """An entry of a card's list; ``from`` is the name of the application's file."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True)
    origin: Name = Field(alias="from")


class ProfileFile(_Shape):
    """``profiles/<name>.toml``.

    ``card``: the simulated card, by default the one with the file's name.  Without ``applications`` it has one for
    each network of the card.
    """

    card: Name | None = None
    atr: Hex | None = None
    psn: Annotated[int, Field(ge=0, le=99)] = 1
    pse: bool = True
    pin_tries: Annotated[int, Field(ge=1, le=15)] = 3
    applications: list[ApplicationOfCard] = []


_Shaped = TypeVar("_Shaped", bound=_Shape)


def check(shape: type[_Shaped], data: dict[str, Any], where: str) -> _Shaped:
    """Data as a typed value.  Raises ConfigurationError naming the file and each wrong key."""
    try:
        return shape.model_validate(data)
    except ValidationError as error:
        problems = [f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}" for problem in error.errors()]
    raise ConfigurationError(f"{where}: {'; '.join(problems)}.", "docs/cards.md explains every key.")
