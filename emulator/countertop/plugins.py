"""Entry points of other packages: loaded by group, each on its own; a broken one is one warning.

Groups: ``countertop.reader_models``, ``countertop.issuer_hosts``, ``countertop.card_profiles``; ``countertop.drivers``
belongs to the drivers.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any


class PluginWarning(UserWarning):
    """A package's entry point could not be used."""


@cache
def points_of(group: str) -> tuple[EntryPoint, ...]:
    """The entry points of a group, by name; installed packages are searched once per process."""
    return tuple(sorted(entry_points(group=group), key=lambda point: point.name))


def loaded(group: str) -> Iterator[tuple[str, Any]]:
    """Import every entry point of a group: (name, what it names).

    One that fails is warned about and left out.
    """
    for point in points_of(group):
        try:
            target = point.load()
        except Exception as error:  # whatever a stranger's module raises on import
            warn_broken(group, point.name, error)
            continue
        yield point.name, target


def warn_broken(group: str, name: str, error: Exception) -> None:
    """Say once which entry point is broken, and why."""
    problem = f"{type(error).__name__}: {error}"
    warnings.warn(f"entry point {name!r} of {group} is left out: {problem}", PluginWarning, stacklevel=2)


__all__ = ["PluginWarning", "loaded", "points_of", "warn_broken"]
