"""The shapes of control request bodies."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

LONGEST_STEP_MS = 10 * 366 * 86_400_000
LATEST_MS = 253_402_300_799_000
Milliseconds = Annotated[int, Field(ge=0, le=LONGEST_STEP_MS)]
Text = Annotated[str, Field(min_length=1, max_length=500)]


class Body(BaseModel):
    """A body: unknown members are refused, so that a typing error is not silently ignored."""

    model_config = ConfigDict(extra="forbid")


class ClockChange(Body):
    """``freeze`` true stops the clock, false lets it run again at speed 1; ``speed`` sets another."""

    advance_ms: Milliseconds | None = None
    freeze: bool | None = None
    speed: Annotated[float, Field(gt=0, le=1_000_000)] | None = None


class AccountSettings(Body):
    """What only a dashboard could set."""

    country: Text | None = None
    default_currency: Text | None = None
    mcc: Text | None = None
    business_name: Text | None = None
    statement_descriptor: Text | None = None

    def given(self) -> dict[str, Any]:
        """The settings that were sent."""
        return self.model_dump(exclude_none=True)


class AccountDeclaration(AccountSettings):
    """Settings together with the key of the account."""

    key: Text

    def given(self) -> dict[str, Any]:
        """The settings that were sent, without the key."""
        return self.model_dump(exclude_none=True, exclude={"key"})


class ApiFault(Body):
    """A fault of the API itself."""

    name: Text
    times: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    path_prefix: Text = "/v1/"
    delay_ms: Milliseconds = 0


class Presentation(Body):
    """A card held against, put into or pulled through a reader; what is wrong with its chip.

    ``locked`` and ``express``: of a card in a phone.  ``beside``: other cards in the reader's field.
    """

    how: Literal["tap", "insert", "swipe"] = "tap"
    card: Text = "visa"
    card_faults: list[Text] = []
    locked: bool = False
    express: bool = False
    beside: list[Text] = []


class Attaching(Body):
    """A device that is to be a reader's slot: what it is, how its cards are read, what may be done to them."""

    device: Text
    how: Literal["tap", "insert", "swipe"]
    allow: list[Literal["pin", "tc", "scripts"]] = []


class AttachedCard(Body):
    """What happened at the device: a card is there or gone, or the tracks of one that was pulled through it, each with
    its sentinels, null for one that could not be read."""

    state: Literal["present", "gone"] | None = None
    tracks: tuple[str | None, str | None, str | None] | None = None

    @model_validator(mode="after")
    def _one(self) -> AttachedCard:
        if (self.state is None) == (self.tracks is None):
            raise ValueError("give either state or tracks")
        return self


class CardAnswer(Body):
    """The answer to a question, by its number: a response in hexadecimal, or why there is none."""

    number: Annotated[int, Field(ge=1)]
    response: Annotated[str, Field(max_length=2 * 65538)] | None = None
    silence: Literal["mute", "removed", "collision"] | None = None

    @model_validator(mode="after")
    def _one(self) -> CardAnswer:
        if (self.response is None) == (self.silence is None):
            raise ValueError("give either response or silence")
        if self.response is not None:
            bytes.fromhex(self.response)
        return self


class HostState(Body):
    """Whether an issuer's host can be reached."""

    down: bool


class Script(Body):
    """What an issuer sends to a chip; ``pin`` is the new one of ``change_pin``."""

    name: Text
    pin: Text | None = None


class IssuingSettings(Body):
    """What only a dashboard could set about an account's Issuing; what is not given stays."""

    enabled: bool | None = None
    real_time_url: Text | None = None
    real_time_default: Literal["approve", "decline"] | None = None
    review_s: Annotated[int, Field(ge=0, le=86_400)] | None = None
    parcels: Literal["auto", "manual"] | None = None
    strict_requirements: bool | None = None
    rates: dict[Text, Text] | None = None

    def given(self) -> dict[str, Any]:
        """The settings that are given."""
        return self.model_dump(exclude_none=True)


class Provision(Body):
    """A wallet that asks for a token; ``requested``: it waits for a code first."""

    wallet: Text
    status: Literal["active", "requested"] = "active"


class Listed(Body):
    """A watch list that has a cardholder's name; ``rejected``: for good."""

    rejected: bool = False


class Press(Body):
    """A button on the screen."""

    button: Text


class Pin(Body):
    """A PIN typed on the reader."""

    pin: Annotated[str, Field(min_length=1, max_length=12)]


class Tip(Body):
    """A tip chosen on the tip screen, in minor units; 0 refuses it."""

    amount: Annotated[int, Field(ge=0, le=99_999_999)]


class Entry(Body):
    """What is entered in the form on the screen: exactly one of the three.

    ``value``: text, number, phone, address, the id of a choice, or an SVG document for a signature.  ``toggle``: the
    position of a switch to flip, from 0.
    """

    value: Annotated[str, Field(max_length=200_000)] | None = None
    skip: bool = False
    toggle: Annotated[int, Field(ge=0, le=10)] | None = None

    @model_validator(mode="after")
    def _one_of_three(self) -> Entry:
        if (self.value is not None) + self.skip + (self.toggle is not None) != 1:
            raise ValueError("give exactly one of value, skip and toggle")
        return self


class Choice(Body):
    """The network on which a card with several is to run."""

    network: Text


class Power(Body):
    """Whether the reader stands on its charger."""

    plugged: bool


class Installation(Body):
    """Software to install."""

    version: Annotated[str, Field(min_length=1, max_length=40)]


class ReaderFault(Body):
    """A fault of one reader, switched on or off; or planned for later, by an instant or by how long it is until then.

    ``for_ms``: how long a planned fault stays.
    """

    name: Text
    on: bool = True
    at_ms: Annotated[int, Field(ge=0, le=LATEST_MS)] | None = None
    in_ms: Milliseconds | None = None
    for_ms: Milliseconds | None = None

    @model_validator(mode="after")
    def _planned_whole(self) -> ReaderFault:
        planned = self.at_ms is not None or self.in_ms is not None
        if self.at_ms is not None and self.in_ms is not None:
            raise ValueError("give at_ms or in_ms, not both")
        if planned and not self.on:
            raise ValueError("only a fault that comes can be planned; it goes after for_ms")
        return self

    def begins_ms(self, now_ms: int) -> int | None:
        """When a planned fault begins; None for one that is switched now."""
        if self.at_ms is not None:
            return self.at_ms
        if self.in_ms is not None:
            return now_ms + self.in_ms
        return now_ms if self.on and self.for_ms is not None else None


class Unboxing(Body):
    """A device out of its box."""

    country: Text = "US"
    model: Text = "bbpos_wisepos_e"
