"""From a verb and a path to an endpoint: a tree of path segments in which a literal wins over a parameter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from countertop.api.catalog.model import Endpoint


@dataclass(slots=True)
class Match:
    """An endpoint and the ids in its path by name, percent-decoded."""

    endpoint: Endpoint
    ids: dict[str, str]


class _Node:
    __slots__ = ("endpoints", "literals", "parameter")

    def __init__(self) -> None:
        self.literals: dict[str, _Node] = {}
        self.parameter: _Node | None = None
        self.endpoints: dict[str, tuple[Endpoint, tuple[str, ...]]] = {}


class Routes:
    """The tree of all endpoints."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._root = _Node()
        for endpoint in endpoints:
            node = self._root
            for part in endpoint.template[1:].split("/"):
                if part.startswith("{"):
                    node.parameter = node.parameter or _Node()
                    node = node.parameter
                else:
                    node = node.literals.setdefault(part, _Node())
            node.endpoints[endpoint.method] = (endpoint, endpoint.path_ids)

    def match(self, method: str, path: str) -> Match | None:
        """The endpoint of a still percent-encoded path; None for an unknown path, verb or trailing slash."""
        parts = path.split("/")
        if parts[0]:
            return None
        node, ids = self._root, []
        for part in parts[1:]:
            following = node.literals.get(part)
            if following is None:
                following = node.parameter
                if following is None or not part:
                    return self._search(method, parts)
                ids.append(part)
            node = following
        found = node.endpoints.get(method)
        if found is None:
            return self._search(method, parts)
        endpoint, names = found
        if "%" in path:
            ids = [unquote(part) for part in ids]
        return Match(endpoint, dict(zip(names, ids, strict=True)))

    def _search(self, method: str, parts: list[str]) -> Match | None:
        """The slow road: a literal that led nowhere may be an id after all (an object called ``search``)."""
        found = _descend(self._root, method, parts, 1, ())
        if found is None:
            return None
        (endpoint, names), ids = found
        return Match(endpoint, dict(zip(names, map(unquote, ids), strict=True)))


def _descend(
    node: _Node, method: str, parts: list[str], index: int, ids: tuple[str, ...]
) -> tuple[tuple[Endpoint, tuple[str, ...]], tuple[str, ...]] | None:
    if index == len(parts):
        here = node.endpoints.get(method)
        return None if here is None else (here, ids)
    part = parts[index]
    if part in node.literals:
        found = _descend(node.literals[part], method, parts, index + 1, ids)
        if found is not None:
            return found
    if node.parameter is not None and part:
        return _descend(node.parameter, method, parts, index + 1, (*ids, part))
    return None
