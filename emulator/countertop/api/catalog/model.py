"""What the catalog is asked for: endpoints, parameter shapes, resources and their members."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from countertop.api.catalog.codes import Code, kinds_in, split_optional

if TYPE_CHECKING:
    from countertop.api.catalog.catalog import Catalog


@dataclass(frozen=True, slots=True)
class Field:
    """A member of a resource or of a hash inside one.

    ``present``: always there (as null when ``nullable`` and empty); otherwise absent until it has a value.
    ``includable``: absent until ``expand`` names it.  ``expandable``: the kinds that its id may belong to.
    """

    name: str
    code: Code
    nullable: bool
    present: bool
    includable: bool
    expandable: tuple[str, ...]


def read_fields(line: dict[str, Code]) -> dict[str, Field]:
    """Members from a line of the data: ``*`` present, ``+`` includable, ``~`` nullable."""
    fields: dict[str, Field] = {}
    for key, full in line.items():
        name = key.lstrip("*+")
        nullable, code = split_optional(full)
        fields[name] = Field(name, code, nullable, key[0] == "*", key[0] == "+", tuple(kinds_in(code)))
    return fields


@dataclass(frozen=True, slots=True)
class Resource:
    """An object type: its members by name."""

    kind: str
    fields: dict[str, Field]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an endpoint or of a hash inside one."""

    name: str
    code: Code
    required: bool


class Shape:
    """The parameters of an endpoint or of a hash.  One instance per name: shapes are compared by identity."""

    def __init__(self, catalog: Catalog, name: str) -> None:
        self.catalog = catalog
        self.name = name

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        """By name, decoded on first use."""
        line = self.catalog.parameters.line(self.name)
        named = ((key.lstrip("*"), key, code) for key, code in line.items())
        return {name: Parameter(name, code, key[0] == "*") for name, key, code in named}


class Endpoint:
    """A verb on a path template, such as ``POST /v1/customers/{customer}``."""

    def __init__(self, catalog: Catalog, operation: str, text: bytes) -> None:
        self._catalog = catalog
        self._text = text
        self.operation = operation
        self.method, _, self.template = operation.partition(" ")
        self.v2 = self.template.startswith("/v2/")

    @cached_property
    def _line(self) -> dict[str, Any]:
        line: dict[str, Any] = self._catalog.decode(self._text)
        return line

    @cached_property
    def params(self) -> Shape:
        """The shape of its parameters; ``expand`` is accepted everywhere and not part of it."""
        return self._catalog.shape(self._line["params"][1:])

    @property
    def does(self) -> str:
        """create, list, retrieve, update, delete, search, singleton (one object, no id), or action."""
        return str(self._line["does"])

    @property
    def returns(self) -> str:
        """object, list, search or bytes."""
        return str(self._line.get("returns", "object"))

    @property
    def kinds(self) -> tuple[str, ...]:
        """The object types that it answers with (or lists)."""
        return tuple(self._line.get("kinds", ()))

    @property
    def kind(self) -> str | None:
        """The object type that it answers with; None when it may be one of several, or none."""
        kinds = self.kinds
        return kinds[0] if len(kinds) == 1 else None

    @property
    def parent(self) -> tuple[str, str] | None:
        """(kind, path parameter) of the object that a nested path stands under."""
        parent = self._line.get("parent")
        return (parent[0], parent[1]) if parent else None

    @property
    def host(self) -> str:
        """api, files, connect or meter_events."""
        return str(self._line.get("host", "api"))

    @property
    def sdk_method(self) -> str:
        """What the Python SDK calls it; empty for an overlay's endpoint."""
        return str(self._line.get("sdk", ""))

    @property
    def family(self) -> str:
        """The first part of its path: ``terminal``, ``customers``, ``v2.core``."""
        parts = self.template.split("/")
        return f"v2.{parts[2]}" if self.v2 else parts[2]

    @property
    def path_ids(self) -> tuple[str, ...]:
        """The names of the path's parameters, in order."""
        return tuple(part[1:-1] for part in self.template.split("/") if part.startswith("{"))

    def __repr__(self) -> str:
        return f"<Endpoint {self.operation}>"
