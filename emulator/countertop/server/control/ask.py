"""What a control handler is given, and what its errors become."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from countertop.errors import (
    ConfigurationError,
    CountertopError,
    DataFileError,
    ReaderError,
    StoreUnavailable,
)

if TYPE_CHECKING:
    from countertop.bench import Bench
    from countertop.server.owner import Owner

M = TypeVar("M", bound=BaseModel)


class NotFound(CountertopError):
    """What the path names is not there."""


@dataclass(frozen=True, slots=True)
class Blob:
    """A result that is bytes."""

    body: bytes = field(repr=False)
    content_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Ask:
    """One control request: names from the path, query, body."""

    owner: Owner
    names: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def bench(self) -> Bench:
        """The world."""
        return self.owner.bench

    def model(self, shape: type[M]) -> M:
        """The body in this shape; no body counts as ``{}``.  Raises ConfigurationError saying what is wrong where."""
        try:
            return shape.model_validate_json(self.body or b"{}")
        except ValidationError as error:
            raise ConfigurationError(_explained(error), f"It takes: {', '.join(shape.model_fields)}.") from None


Handler = Callable[[Ask], Any]
"""Does one request; what it returns is sent as JSON, or as it is when it is a :class:`Blob`."""


def status_of(error: CountertopError) -> int:
    """The HTTP status of an error."""
    if isinstance(error, NotFound):
        return 404
    if isinstance(error, ReaderError):
        return 409
    if isinstance(error, StoreUnavailable):
        return 503
    if isinstance(error, DataFileError):
        return 500
    return 400


def _explained(error: ValidationError) -> str:
    problems = []
    for problem in error.errors(include_url=False, include_input=False)[:3]:
        where = ".".join(str(part) for part in problem["loc"])
        problems.append(f"{where}: {problem['msg']}" if where else problem["msg"])
    return "The body cannot be used: " + "; ".join(problems) + "."
