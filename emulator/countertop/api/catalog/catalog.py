"""The catalog as it is used: the data files, read once, each line decoded when it is first asked for."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import orjson

from countertop.api.catalog.codes import Code
from countertop.api.catalog.model import Endpoint, Field, Resource, Shape, read_fields
from countertop.api.catalog.routes import Match, Routes

DATA = Path(__file__).parent / "data"


class Table:
    """One data file: ``name TAB json`` per line.  Read on first use; so is each line decoded."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._decoded: dict[str, Any] = {}

    @functools.cached_property
    def texts(self) -> dict[str, bytes]:
        """Name -> undecoded JSON."""
        found: dict[str, bytes] = {}
        for line in self._path.read_bytes().splitlines():
            name, _, text = line.partition(b"\t")
            found[name.decode()] = text
        return found

    def line(self, name: str) -> Any:
        """A decoded line.  Raises KeyError for a name that is not in the file."""
        if name not in self._decoded:
            self._decoded[name] = orjson.loads(self.texts[name])
        return self._decoded[name]


class Catalog:
    """The wire contract of one API version."""

    def __init__(self, folder: Path) -> None:
        meta = orjson.loads((folder / "meta.json").read_bytes())
        self.sdk_version: str = meta["sdk_version"]
        self.api_version: str = meta["api_version"]
        self.openapi_version: str = meta["openapi_version"]
        self.event_types: frozenset[str] = frozenset(meta["event_types"])
        """The types that events can have."""
        self.selectable_events: frozenset[str] = frozenset(meta["selectable_events"])
        """What a webhook endpoint can select: these types and ``*``."""
        self.versions: frozenset[str] = frozenset(meta["versions"])
        """What ``Stripe-Version`` may name."""
        self.parameters = Table(folder / "parameters.tsv")
        self._resources = Table(folder / "resources.tsv")
        self._objects = Table(folder / "objects.tsv")
        self._enums = Table(folder / "enums.tsv")
        texts = Table(folder / "endpoints.tsv").texts
        self.endpoints: tuple[Endpoint, ...] = tuple(Endpoint(self, name, text) for name, text in texts.items())
        self.match = Routes(self.endpoints).match
        self._shapes: dict[str, Shape] = {}
        self._known: dict[str, Resource] = {}
        self._hashes: dict[str, dict[str, Field]] = {}

    @staticmethod
    def decode(text: bytes) -> Any:
        """The value of a line's JSON."""
        return orjson.loads(text)

    @functools.cached_property
    def by_operation(self) -> dict[str, Endpoint]:
        """``"POST /v1/customers"`` -> its endpoint."""
        return {endpoint.operation: endpoint for endpoint in self.endpoints}

    @functools.cached_property
    def kinds(self) -> tuple[str, ...]:
        """All object types."""
        return tuple(self._resources.texts)

    def families(self) -> dict[str, list[Endpoint]]:
        """Endpoints by family (the first part of the path), families in alphabetical order."""
        found: dict[str, list[Endpoint]] = {}
        for endpoint in self.endpoints:
            found.setdefault(endpoint.family, []).append(endpoint)
        return dict(sorted(found.items()))

    def resource(self, kind: str) -> Resource | None:
        """An object type; None when there is no such one."""
        known = self._known.get(kind)
        if known is None and kind in self._resources.texts:
            known = self._known[kind] = Resource(kind, read_fields(self._resources.line(kind)))
        return known

    def hash_fields(self, name: str) -> dict[str, Field]:
        """The members of a hash inside a resource, by the name behind the ``@`` of its code."""
        if name not in self._hashes:
            self._hashes[name] = read_fields(self._objects.line(name))
        return self._hashes[name]

    def enum(self, code: Code) -> tuple[str, ...]:
        """The values of an enum code, ``["e", …]`` or ``%name``."""
        return tuple(self._enums.line(code[1:]) if isinstance(code, str) else code[1:])

    def shape(self, name: str) -> Shape:
        """A parameter shape, by the name behind the ``@`` of its code."""
        shape = self._shapes.get(name)
        if shape is None:
            shape = self._shapes[name] = Shape(self, name)
        return shape


@functools.cache
def load() -> Catalog:
    """The committed catalog, read once per process."""
    return Catalog(DATA)


__all__ = ["Catalog", "Match", "Table", "load"]
