"""A catalog, parameters made from it, and calls of the generic service without the pipeline around it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from countertop.api import params
from countertop.api.catalog import Catalog, Endpoint, Shape, load
from countertop.api.catalog.codes import Code, bound_of, split_optional
from countertop.api.errors import ApiError
from countertop.api.scope import Call, Cause, Listing
from countertop.api.shape import complete
from countertop.bench import Bench
from countertop.services.generic import operation_for


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return load()


class Generic:
    """The generic service over one world."""

    def __init__(self, bench: Bench) -> None:
        self.world = bench.world
        self.account = self.world.accounts.for_suffix("catalog")
        self.catalog = self.world.catalog

    def __call__(self, operation: str | Endpoint, tree: dict[str, Any] | None = None, **ids: str) -> Any:
        """A call's result: a document, or the decoded data of a list.  Raises ApiError."""
        endpoint = self.catalog.by_operation[operation] if isinstance(operation, str) else operation
        handler = operation_for(endpoint)
        assert handler is not None
        world = self.world
        with world.store.transaction() as tx:
            call = Call(self.account, tx, world.clock, world.ids, world.events, world.feed, Cause())
            call.params, call.path = params.check(endpoint.params, tree or {}), ids
            call.url = endpoint.template.format(**ids)
            result = handler(call)
        if isinstance(result, Listing):
            return [orjson.loads(body) for body in result.page.bodies]
        return result

    def put(self, kind: str, **members: Any) -> dict[str, Any]:
        """An object that is simply there."""
        document = complete(kind, {"object": kind, **members})
        with self.world.store.transaction() as tx:
            tx.put(self.account.id, kind, document, created=self.world.clock.now())
        return document

    def events(self) -> list[str]:
        """The types of all events so far, oldest first."""
        with self.world.store.transaction() as tx:
            bodies = [body for _, body in tx.each(self.account.id, "event")]
        return [orjson.loads(body)["type"] for body in reversed(bodies)]


@pytest.fixture
def generic() -> Any:
    with Bench() as bench:
        yield Generic(bench)


@pytest.fixture
def refusal(catalog: Catalog) -> Callable[[str, dict[str, Any]], ApiError]:
    """The error that checking an operation's parameters gives."""

    def check(operation: str, tree: dict[str, Any]) -> ApiError:
        with pytest.raises(ApiError) as caught:
            params.check(catalog.by_operation[operation].params, tree)
        assert caught.value.status == 400
        assert caught.value.keep is False
        return caught.value

    return check


def filled(shape: Shape, *, whole: bool, depth: int = 0) -> dict[str, Any]:
    """A tree of strings, as the form decoder yields it."""
    tree: dict[str, Any] = {}
    for name, member in shape.parameters.items():
        if member.code == "E" or not (member.required or (whole and depth < 3)):
            continue
        tree[name] = value_of(shape.catalog, member.code, whole=whole, depth=depth)
    return tree


def value_of(catalog: Catalog, code: Code, *, whole: bool, depth: int) -> Any:
    """A valid raw value of a type."""
    _, inner = split_optional(code)
    if isinstance(inner, str):
        if inner[0] == "@":
            return filled(catalog.shape(inner[1:]), whole=whole, depth=depth + 1)
        if inner[0] == "%":
            return catalog.enum(inner)[0]
        if inner[0] == "s":
            return "x" * min(bound_of(inner) or 3, 3)
        return {"i": "7", "b": "true", "f": "1.5", "d": "2.5", "M": {"k": "v"}, "?": "x"}[inner[0]]
    if inner[0] == "e":
        return inner[1] if len(inner) > 1 else ""
    if inner[0] == "l":
        return [value_of(catalog, inner[1], whole=whole, depth=depth)]
    if inner[0] == "m":
        return {"usd": value_of(catalog, inner[1], whole=whole, depth=depth)}
    return value_of(catalog, inner[1], whole=whole, depth=depth)


@pytest.fixture(scope="session")
def fill() -> Callable[..., dict[str, Any]]:
    """Parameters of a shape: every one of them (``whole``), or only the required ones."""
    return filled
