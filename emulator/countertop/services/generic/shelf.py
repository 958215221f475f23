"""Where the objects of an endpoint are kept: under their type, or under a parent that they do not name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from countertop.api.catalog import Endpoint, load
from countertop.api.catalog.codes import split_optional
from countertop.api.errors import missing_resource
from countertop.api.scope import Call, Document, noun_of

SCALAR_PARENTS = ("s", "x")


class Shelf:
    """The place of an endpoint's objects.

    Objects whose type has a member for their parent (``customer`` of a tax id) stand with all of their type.  The
    others, and those that share a path with other types, stand once more under ``kind@parent``.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.kinds = endpoint.kinds
        self.parent = endpoint.parent
        self.own_id = endpoint.path_ids[-1] if endpoint.path_ids else ""
        self.parent_members = {kind: _parent_member(endpoint, kind) for kind in endpoint.kinds}
        self.parent_member = self.parent_members.get(self.kinds[0]) if self.kinds else None
        self.apart = endpoint.parent is not None and (self.parent_member is None or len(self.kinds) > 1)

    def check_parent(self, call: Call) -> str | None:
        """The id of the parent in the path, which must be there; None for a path of its own."""
        if self.parent is None:
            return None
        kind, name = self.parent
        identity = call.path[name]
        if not (kind == "account" and identity == call.account.id):
            call.fetch(kind, identity, param=name, in_path=True)
        return identity

    def place(self, parent: str | None) -> str:
        """The name of the place in the store."""
        return f"{'+'.join(self.kinds)}@{parent}" if self.apart else self.kinds[0]

    def where(self, parent: str | None) -> Document:
        """The filter that leaves the objects of one parent."""
        if parent is None or self.apart or self.parent_member is None:
            return {}
        return {self.parent_member: parent}

    def find(self, call: Call) -> Document:
        """The object of the path.  Raises ApiError 404 for one that is not there, or not under this parent."""
        parent = self.check_parent(call)
        identity = call.path[self.own_id]
        found = call.tx.get(call.account.id, self.place(parent), identity)
        if found is None or any(_id_of(found.get(name)) != value for name, value in self.where(parent).items()):
            raise missing_resource(noun_of(self.kinds[0]), identity, param=self.own_id, in_path=True)
        return found

    def keep(self, call: Call, document: Document, parent: str | None) -> None:
        """Write an object where it is looked for."""
        for place in self._places(document, parent):
            call.tx.put(call.account.id, place, document, created=document.get("created") or call.now)

    def drop(self, call: Call, document: Document, parent: str | None) -> None:
        """Take an object away."""
        for place in self._places(document, parent):
            call.tx.delete(call.account.id, place, document["id"])

    def _places(self, document: Document, parent: str | None) -> Iterator[str]:
        yield document["object"]
        if self.apart:
            yield self.place(parent)


def _parent_member(endpoint: Endpoint, kind_made: str) -> str | None:
    """The member that holds the parent's id: called like the path's parameter or the parent's type."""
    parent, resource = endpoint.parent, load().resource(kind_made)
    if parent is None or resource is None:
        return None
    kind, name = parent
    for candidate in (name, noun_of(kind), kind.rpartition(".")[2]):
        member = resource.fields.get(candidate)
        if candidate != "id" and member is not None and _head(member.code) in SCALAR_PARENTS:
            return candidate
    return next((name for name, member in resource.fields.items() if member.expandable == (kind,)), None)


def _head(code: Any) -> str:
    _, inner = split_optional(code)
    return str(inner[0])


def _id_of(value: Any) -> Any:
    return value.get("id") if isinstance(value, dict) else value
