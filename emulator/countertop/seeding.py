"""Seeding a world from a file: objects in the API's own JSON shape, with the ids they carry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import orjson

from countertop.api.catalog import Catalog
from countertop.api.shape import complete, problems
from countertop.errors import ConfigurationError

if TYPE_CHECKING:
    from countertop.accounts import Account
    from countertop.world import World

LATEST = 1 << 36
"""Unix seconds some two thousand years ahead: more than any file means."""
SHAPE_OF_FILE = 'A seed file is a JSON array of API objects, {"data": [...]}, or one object per line.'


def read_objects(text: bytes) -> list[dict[str, Any]]:
    """The objects of a seed file.  Raises ConfigurationError with the line of what is not JSON."""
    try:
        decoded = orjson.loads(text)
    except orjson.JSONDecodeError:
        return [_line(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if isinstance(decoded, dict):
        listed = decoded.get("data", decoded.get("objects"))
        decoded = listed if isinstance(listed, list) else [decoded]
    if not isinstance(decoded, list) or not all(isinstance(item, dict) for item in decoded):
        raise ConfigurationError("This is not a list of API objects.", SHAPE_OF_FILE)
    return decoded


def load_objects(world: World, account: Account, objects: Iterable[Mapping[str, Any]]) -> int:
    """Write objects into an account, all or none; returns how many.  No events are written.

    Raises ConfigurationError naming the object and what the catalog says against it.
    """
    count = 0
    with world.store.transaction() as tx:
        for count, given in enumerate(objects, 1):
            document = _checked(world.catalog, count, dict(given))
            created = document.get("created", world.clock.now())
            tx.put(account.id, document["object"], document, created=created)
    return count


def _checked(catalog: Catalog, position: int, document: dict[str, Any]) -> dict[str, Any]:
    kind, identity = document.get("object"), document.get("id")
    name = f"Object {position} ({kind} {identity})"
    if not isinstance(kind, str) or catalog.resource(kind) is None:
        raise ConfigurationError(f"{name}: its `object` is no type of the API.", SHAPE_OF_FILE)
    if not isinstance(identity, str) or not 0 < len(identity) <= 255:
        raise ConfigurationError(f"{name}: it has no `id`.", "Every object to load carries its own id.")
    created = document.get("created", 0)
    if not isinstance(created, int) or not 0 <= created < LATEST:
        raise ConfigurationError(f"{name}: `created` is no Unix time in seconds.", "Nothing was loaded.")
    document = complete(kind, document)
    wrong = problems(kind, document)
    if wrong:
        raise ConfigurationError(f"{name}: {wrong[0]}", "Nothing was loaded.")
    return document


def _line(number: int, line: bytes) -> dict[str, Any]:
    try:
        decoded = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise ConfigurationError(f"Line {number} is not JSON: {error}.", SHAPE_OF_FILE) from None
    if not isinstance(decoded, dict):
        raise ConfigurationError(f"Line {number} is not an API object.", SHAPE_OF_FILE)
    return decoded
