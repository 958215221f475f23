"""What an endpoint does, told from its verb, path, SDK method and the other endpoints beside it."""

from __future__ import annotations

from collections.abc import Iterable

from countertop.api.catalog.compiler.document import normal_path
from countertop.api.catalog.compiler.endpoints import Method

TEST_HELPERS = "/v1/test_helpers/"
SINGLETON_METHODS = ("retrieve", "update")


class Neighbours:
    """All endpoints, looked at side by side."""

    def __init__(self, methods: Iterable[Method]) -> None:
        everything = list(methods)
        self._readers = {normal_path(method.path): method for method in everything if method.verb == "GET"}
        self._kinds_with_ids = {
            method.kinds for method in everything if method.verb == "GET" and _ends_in_parameter(method.path)
        }

    def kind_of(self, method: Method) -> str:
        """create, list, retrieve, update, delete, search, singleton; action for what is not plain."""
        if method.path.startswith(TEST_HELPERS) or method.returns == "bytes":
            return "action"
        named = _ends_in_parameter(method.path)
        if method.verb == "GET":
            if method.returns == "search":
                return "search"
            if method.returns == "list":
                return "list" if self._is_collection(method) else "action"
            return "retrieve" if named else self._singleton_or_action(method)
        if method.verb == "DELETE":
            return "delete" if named and method.name == "delete" else "action"
        if named:
            return "update" if method.name == "update" else "action"
        return "create" if method.name == "create" else self._singleton_or_action(method)

    def parent_of(self, method: Method) -> tuple[str, str] | None:
        """(kind, path parameter) of the object that a nested path stands under."""
        path = method.path
        if _ends_in_parameter(path):
            path = path.rpartition("/")[0]
        while path.count("/") > 2:
            path = path.rpartition("/")[0]
            if _ends_in_parameter(path):
                owner = self._readers.get(normal_path(path))
                if owner is None or len(owner.kinds) != 1 or owner.returns != "object":
                    return None
                return owner.kinds[0], path.rpartition("/")[2].strip("{}")
        return None

    def _is_collection(self, method: Method) -> bool:
        # A list under a computed preview has nothing stored behind it.
        above = self._readers.get(normal_path(method.path.rpartition("/")[0]))
        return above is None or _ends_in_parameter(above.path) or above.returns != "object"

    def _singleton_or_action(self, method: Method) -> str:
        """A singleton is one object at a fixed place: its kind is never retrieved by an id."""
        single = len(method.kinds) == 1 and method.kinds not in self._kinds_with_ids
        return "singleton" if single and method.name in SINGLETON_METHODS else "action"


def _ends_in_parameter(path: str) -> bool:
    return path.endswith("}")
