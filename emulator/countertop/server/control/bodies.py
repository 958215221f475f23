"""The shapes of control request bodies."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

LONGEST_STEP_MS = 10 * 366 * 86_400_000
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
    """A card held against, put into or pulled through a reader."""

    how: Literal["tap", "insert", "swipe"] = "tap"
    card: Text = "visa"


class Press(Body):
    """A button on the screen."""

    button: Text


class Pin(Body):
    """A PIN typed on the reader."""

    pin: Annotated[str, Field(min_length=1, max_length=12)]


class ReaderFault(Body):
    """A fault of one reader, switched on or off."""

    name: Text
    on: bool = True


class Unboxing(Body):
    """A device out of its box."""

    country: Text = "US"
    model: Text = "bbpos_wisepos_e"
