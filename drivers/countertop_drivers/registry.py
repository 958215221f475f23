"""From a URL to an open link: ``scheme:details``.

Built-in drivers stand in a table that imports nothing; packages add their own by entry points in the group
``countertop.drivers`` (name: the scheme, object: a function of the details that returns a link).  A driver
is imported when its scheme is first used.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import entry_points

from countertop_drivers.errors import DriverUnavailable, UnknownDriver
from countertop_drivers.link import CardLink

GROUP = "countertop.drivers"
# scheme -> module:function; the function takes the details of the URL.
BUILT_IN: dict[str, str] = {
    "loop": "countertop_drivers.loop:LoopLink.from_details",
    "replay": "countertop_drivers.replay:ReplayLink.from_details",
}


def open(url: str) -> CardLink:
    """Open a link by its URL, such as ``replay:/tmp/visa.apdu``.

    Raises UnknownDriver for a scheme that no driver has, DriverUnavailable when the driver cannot be
    loaded, and whatever DriverError the driver itself raises.
    """
    scheme, colon, details = url.partition(":")
    if not colon:
        raise UnknownDriver(f"{url!r} names no device.", f"Write scheme:details; known schemes: {_known()}")
    return _factory(scheme)(details)


def schemes() -> dict[str, str]:
    """Every scheme and where its driver comes from: ``built in``, or the entry point's value.

    Imports no driver.
    """
    plugged = {point.name: point.value for point in entry_points(group=GROUP)}
    return dict(sorted((plugged | dict.fromkeys(BUILT_IN, "built in")).items()))


def _factory(scheme: str) -> Callable[[str], CardLink]:
    target = BUILT_IN.get(scheme)
    if target is not None:
        module_name, _, path = target.partition(":")
        factory = import_module(module_name)
        for name in path.split("."):
            factory = getattr(factory, name)
        return factory  # type: ignore[return-value]  # the table is ours, and a test calls every row
    for point in entry_points(group=GROUP, name=scheme):
        try:
            plugged: Callable[[str], CardLink] = point.load()
        except Exception as error:  # whatever a stranger's module raises on import
            problem = f"{type(error).__name__}: {error}"
            raise DriverUnavailable(f"The driver {scheme!r} ({point.value}) cannot be loaded: {problem}") from error
        return plugged
    raise UnknownDriver(f"There is no driver for {scheme!r}.", f"Known schemes: {_known()}")


def _known() -> str:
    return ", ".join(schemes())


__all__ = ["BUILT_IN", "GROUP", "open", "schemes"]
