"""``expand[]``: which paths can be expanded, and putting whole objects in the place of their ids (§6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from countertop.api.catalog import Catalog, Endpoint, Field, Resource
from countertop.api.catalog.codes import Code, split_optional
from countertop.api.errors import ApiError, invalid
from countertop.api.params import items_of
from countertop.api.values import shown

DEEPEST = 4
LIST_MEMBERS = ("total_count",)
"""What a list envelope shows only when it is named."""

Document = dict[str, Any]
Fetch = Callable[[tuple[str, ...], str], Document | None]
"""The object of one of these kinds by id (a deleted one's stub), or None."""


@dataclass(slots=True)
class Step:
    """One name in the tree of paths: what its ids may be of, what follows."""

    kinds: tuple[str, ...] = ()
    children: dict[str, Step] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """Checked paths.  ``query`` is their form text, which the ``url`` of a list echoes."""

    root: Step
    query: str
    paths: frozenset[str]


def plan_for(catalog: Catalog, endpoint: Endpoint, raw: Any) -> Plan:
    """The plan of an endpoint's ``expand`` parameter as the form decoder yields it.  Raises ApiError 400."""
    paths = items_of(raw) if not isinstance(raw, str) else None
    if paths is None:
        raise _refused("Invalid array", "expand")
    for index, path in enumerate(paths):
        if not isinstance(path, str):
            raise _refused(f"Invalid string: {shown(path)}", f"expand[{index}]")
    resources = [found for kind in endpoint.kinds if (found := catalog.resource(kind)) is not None]
    return _plan(catalog, resources, paths, is_list=endpoint.returns in ("list", "search"))


def parse(resource: Resource, paths: list[str], is_list: bool, *, catalog: Catalog) -> Plan:
    """The plan of paths into one object type, or a list of it.  Raises ApiError 400 for a bad one."""
    return _plan(catalog, [resource], paths, is_list=is_list)


def apply(document: Document, plan: Plan, fetch: Fetch) -> Document:
    """A copy of a document with the plan's ids replaced by objects; what cannot be found stays an id.

    An includable member (``customer.tax``) is shown when the document has it; otherwise it stays absent.
    """
    expanded: Document = _applied(document, plan.root, fetch)
    return expanded


def _plan(catalog: Catalog, resources: list[Resource], paths: list[str], *, is_list: bool) -> Plan:
    containers: list[Mapping[str, Field]] = [resource.fields for resource in resources]
    if is_list:
        code = ["l", ["u", *(f"${resource.kind}" for resource in resources)]]
        envelope = {"data": _plain_field("data", code)}
        containers = [envelope | {name: _plain_field(name, ["L", "?"]) for name in LIST_MEMBERS}]
    root = Step()
    for path in dict.fromkeys(paths):
        names = path.split(".")
        if len(names) > DEEPEST:
            raise invalid(f"You cannot expand more than {DEEPEST} levels of a property", keep=False)
        if not _leads_somewhere(catalog, containers, names):
            hint = f" You may want to try expanding 'data.{path}' instead." if is_list and names[0] != "data" else ""
            raise invalid(f"This property cannot be expanded ({path[:200]}).{hint}", keep=False)
        _grow(catalog, root, containers, names)
    query = "&".join(f"expand[]={quote(path, safe='.')}" for path in dict.fromkeys(paths))
    return Plan(root, query, frozenset(paths))


def _leads_somewhere(catalog: Catalog, containers: list[Mapping[str, Field]], names: list[str]) -> bool:
    for index, name in enumerate(names):
        fields = [container[name] for container in containers if name in container]
        if not fields:
            return False
        if index == len(names) - 1:
            return any(found.includable or _is_expandable(found.code) or name == "data" for found in fields)
        containers = [inner for found in fields for inner in _inside(catalog, found.code)]
    return False


def _grow(catalog: Catalog, step: Step, containers: list[Mapping[str, Field]], names: list[str]) -> None:
    """Add a path to the tree."""
    for name in names:
        fields = [container[name] for container in containers if name in container]
        step = step.children.setdefault(name, Step())
        step.kinds = tuple(dict.fromkeys(kind for found in fields for kind in found.expandable))
        containers = [inner for found in fields for inner in _inside(catalog, found.code)]


def _inside(catalog: Catalog, code: Code) -> list[Mapping[str, Field]]:
    """The members that can follow a member of this type in a path."""
    _, inner = split_optional(code)
    if isinstance(inner, str):
        if inner[0] == "@":
            return [catalog.hash_fields(inner[1:])]
        resource = catalog.resource(inner[1:]) if inner[0] == "$" else None
        return [] if resource is None else [resource.fields]
    if inner[0] == "x":
        return [fields for kind in inner[1:] for fields in _inside(catalog, f"${kind}")]
    if inner[0] in ("l", "u"):
        return [fields for part in inner[1:] for fields in _inside(catalog, part)]
    return [{"data": _plain_field("data", ["l", inner[1]])}] if inner[0] == "L" else []


def _is_expandable(code: Code) -> bool:
    _, inner = split_optional(code)
    if isinstance(inner, str):
        return inner[0] == "$"  # always embedded: naming it is harmless
    return inner[0] in ("x", "L") or (inner[0] in ("l", "u") and any(map(_is_expandable, inner[1:])))


def _plain_field(name: str, code: Code) -> Field:
    return Field(name, code, nullable=False, present=True, includable=False, expandable=())


def _applied(value: Any, step: Step, fetch: Fetch) -> Any:
    if isinstance(value, list):
        return [_applied(item, step, fetch) for item in value]
    if isinstance(value, str) and step.kinds:
        found = fetch(step.kinds, value)
        if found is None:
            return value
        value = found
    if not isinstance(value, dict) or not step.children:
        return value
    changed = dict(value)
    for name, child in step.children.items():
        if name in changed:
            changed[name] = _applied(changed[name], child, fetch)
    return changed


def _refused(message: str, param: str) -> ApiError:
    return invalid(message, param=param, keep=False)
