"""Shared shapes and enums: equal contents are stored once, named after their shortest use."""

from __future__ import annotations

import json
from typing import Any

EMPTY = "Nothing"
"""The one shape without members."""
SHARED_ENUM = 6
"""Enums of more values than this get a line of their own."""


class Book:
    """Shapes by content while compiling; by name once finished.

    Until :meth:`names` a reference is ``["@", content key]``.
    """

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._members: dict[str, dict[str, Any]] = {}

    def add(self, name: str, members: dict[str, Any]) -> list[str]:
        """Remember a shape; returns a reference to it."""
        key = json.dumps(members, sort_keys=True)
        name = name if members else EMPTY
        known = self._names.get(key)
        if known is None or (len(name), name) < (len(known), known):
            self._names[key] = name
        self._members[key] = members
        return ["@", key]

    def members(self, reference: list[str]) -> dict[str, Any]:
        """The members behind a reference."""
        return self._members[reference[1]]

    def resolve(self, value: Any) -> Any:
        """A value with its references replaced by names."""
        if isinstance(value, list):
            if value and value[0] == "@":
                return "@" + self._names[value[1]]
            if len(value) == 2 and value[0] == "~":
                inner = self.resolve(value[1])
                return "~" + inner if isinstance(inner, str) else ["~", inner]
            return [self.resolve(item) for item in value]
        if isinstance(value, dict):
            return {name: self.resolve(member) for name, member in value.items()}
        return value

    def lines(self, roots: list[Any]) -> dict[str, Any]:
        """Name -> members of every shape that the roots reach."""
        found: dict[str, Any] = {}
        waiting = list(roots)
        while waiting:
            value = waiting.pop()
            if isinstance(value, dict):
                waiting += value.values()
            elif isinstance(value, list) and value and value[0] == "@":
                name, members = self._names[value[1]], self._members[value[1]]
                if name in found and found[name] is not members:
                    raise ValueError(f"two different shapes are called {name}")
                if name not in found:
                    found[name] = members
                    waiting.append(members)
            elif isinstance(value, list):
                waiting += value
        return {name: self.resolve(members) for name, members in found.items()}


class Enums:
    """Long enums by name."""

    def __init__(self) -> None:
        self.lines: dict[str, list[str]] = {}
        self._by_values: dict[tuple[str, ...], str] = {}

    def share(self, value: Any, name: str) -> Any:
        """A value with every long enum in it replaced by ``%name``."""
        if isinstance(value, dict):
            return {key: self.share(member, f"{name}.{key.lstrip('*+')}") for key, member in value.items()}
        if isinstance(value, list):
            if value[0] == "e" and len(value) > SHARED_ENUM + 1:
                return "%" + self._name(tuple(value[1:]), name)
            if value[0] == "e":
                return value
            shared = [self.share(item, name) for item in value]
            return "~" + shared[1] if shared[0] == "~" and isinstance(shared[1], str) else shared
        return value

    def _name(self, values: tuple[str, ...], name: str) -> str:
        known = self._by_values.get(values)
        if known is None:
            known = self._by_values[values] = name if name not in self.lines else f"{name}.{len(values)}"
            self.lines[known] = list(values)
        return known
