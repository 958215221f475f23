"""Lists: cursors, limits and ranges of creation, the same for every resource (api-conventions §5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from countertop.api.errors import invalid, missing_resource
from countertop.api.scope import Call, Listing, noun_of
from countertop.store import CreatedRange, Page

if TYPE_CHECKING:
    from countertop.api.scope import Document

DEFAULT_LIMIT, LARGEST_LIMIT = 10, 100
AFTER, BEFORE = "starting_after", "ending_before"
NOTHING: Mapping[str, Any] = {}


def list_objects(call: Call, kind: str, *, where: Mapping[str, Any] = NOTHING, stored_as: str | None = None) -> Listing:
    """The page of a list call: its ``limit``, cursors and ``created`` come from ``call.params``.

    ``where``: dotted member path -> the value it must have, or a tuple of values.  ``stored_as`` names the place in
    the store where it is not the kind.  Raises ApiError 400 for an unknown cursor, and for both at once.
    """
    place = stored_as or kind
    after, before = cursors_of(call, kind, lambda name: call.tx.raw(call.account.id, place, name) is not None)
    page = call.tx.page(
        call.account.id,
        place,
        limit=limit_of(call.params),
        where=where,
        created=created_range(call.params.get("created")),
        after=after,
        before=before,
    )
    return Listing(page, call.url, kind)


def page_of(call: Call, kind: str, bodies: Sequence[tuple[str, bytes]]) -> Listing:
    """As :func:`list_objects`, of objects that were found already: (id, encoded object), newest first."""
    names = [name for name, _ in bodies]
    after, before = cursors_of(call, kind, names.__contains__)
    limit = limit_of(call.params)
    if before is not None:
        end = names.index(before)
        start = max(0, end - limit)
        page = Page([body for _, body in bodies[start:end]], start > 0)
    else:
        start = names.index(after) + 1 if after is not None else 0
        page = Page([body for _, body in bodies[start : start + limit]], len(bodies) > start + limit)
    return Listing(page, call.url, kind)


def filters_of(call: Call, *names: str) -> dict[str, Any]:
    """The filters that a list call gives, of those that its members can be matched with."""
    return {name: call.params[name] for name in names if name in call.params}


def limit_of(params: Document) -> int:
    """The page size: 1 to 100, clamped and never refused; 10 when none is given."""
    limit: int = params.get("limit", DEFAULT_LIMIT)
    return min(max(limit, 1), LARGEST_LIMIT)


def created_range(given: int | dict[str, int] | None) -> CreatedRange | None:
    """The range that a ``created`` filter means: one second, or its ``gt``, ``gte``, ``lt``, ``lte``."""
    if given is None:
        return None
    return CreatedRange(gte=given, lte=given) if isinstance(given, int) else CreatedRange(**given)


def cursors_of(call: Call, kind: str, exists: Callable[[str], bool]) -> tuple[str | None, str | None]:
    """The cursors of a list call; a missing one is reported before both at once are."""
    after, before = call.params.get(AFTER), call.params.get(BEFORE)
    for name, cursor in ((AFTER, after), (BEFORE, before)):
        if cursor is not None and not exists(cursor):
            raise missing_resource(noun_of(kind), cursor, param=name)
    if after is not None and before is not None:
        raise invalid(
            f"Received both {AFTER} and {BEFORE} parameters. Please pass in only one.",
            code="parameters_exclusive",
            param=AFTER,
        )
    return after, before
