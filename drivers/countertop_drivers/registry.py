"""From a URL to an open link: ``scheme:details``.

Built-in drivers stand in a table that imports nothing; packages add their own by entry points in the group
``countertop.drivers`` (name: the scheme, object: a function of the details that returns a link).  A driver
is imported when its scheme is first used.  A module of the table that has a function ``discover`` (seconds in,
list of :class:`Found` out) is asked by :func:`list_devices`; so is a plug-in whose object has that attribute.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, cast

from countertop_drivers.discovery import Discover, Found, Listing, ask_all
from countertop_drivers.errors import BadAddress, DriverUnavailable, UnknownDriver
from countertop_drivers.link import Card, CardLink, Link, PlainCardLink, SwipeLink

GROUP = "countertop.drivers"
# scheme -> module:function; the function takes the details of the URL.
BUILT_IN: dict[str, str] = {
    "acr122": "countertop_drivers.acr122:open_url",
    "ccid": "countertop_drivers.ccid.driver:open_url",
    "loop": "countertop_drivers.loop:LoopLink.from_details",
    "msr605": "countertop_drivers.msr605.driver:open_url",
    "pcsc": "countertop_drivers.pcsc:open_url",
    "pn532": "countertop_drivers.pn532.driver:open_url",
    "replay": "countertop_drivers.replay:ReplayLink.from_details",
    "swipe": "countertop_drivers.swipe_hid.driver:open_url",
    "vpcd": "countertop_drivers.vpcd:open_url",
}
# Those of them whose module has a function ``discover``.
DISCOVERING = ("acr122", "ccid", "msr605", "pcsc", "pn532", "swipe")

Factory = Callable[[str], Link]


def open(url: str, record: str | os.PathLike[str] | None = None) -> Link:
    """Open a link by its URL, such as ``ccid:usb`` or ``replay:/tmp/visa.apdu``.

    ``record`` names a file to which every frame is written, with secrets masked (:mod:`.recording`).

    Raises UnknownDriver for a scheme that no driver has, DriverUnavailable when the driver cannot be
    loaded, and whatever DriverError the driver itself raises.
    """
    scheme, colon, details = url.partition(":")
    if not colon:
        raise UnknownDriver(f"{url!r} names no device.", f"Write scheme:details; known schemes: {_known()}")
    link = _whole(_factory(scheme)(details))
    if record is None:
        return link
    recorded = cast("Callable[..., Link]", import_module("countertop_drivers.recording").recorded)
    try:
        return recorded(link, record, url)
    except BaseException:
        link.close()
        raise


def open_card(url: str, record: str | os.PathLike[str] | None = None) -> CardLink:
    """Open a link to cards.  Raises as :func:`open` does, and BadAddress when it is a reader of stripes."""
    link = open(url, record)
    if not isinstance(link, CardLink):
        link.close()
        raise BadAddress(f"{url} reads stripes; it cannot speak to a chip.")
    return link


def open_swipe(url: str, record: str | os.PathLike[str] | None = None) -> SwipeLink:
    """Open a reader of magnetic stripes.  Raises as :func:`open` does, and BadAddress when it is a card slot."""
    link = open(url, record)
    if not isinstance(link, SwipeLink):
        link.close()
        raise BadAddress(f"{url} is a slot for chips; it reads no stripes.")
    return link


def list_devices(timeout_s: float) -> Listing:
    """Every device that any driver sees, asked in parallel for at most ``timeout_s`` seconds altogether."""
    drivers: dict[str, Discover] = {scheme: _built_in_discover(scheme) for scheme in DISCOVERING}
    for point in entry_points(group=GROUP):
        if point.name not in BUILT_IN:
            drivers[point.name] = _plugged_discover(point.name)
    return ask_all(drivers, timeout_s)


def schemes() -> dict[str, str]:
    """Every scheme and where its driver comes from: ``built in``, or the entry point's value.

    Imports no driver.
    """
    plugged = {point.name: point.value for point in entry_points(group=GROUP)}
    return dict(sorted((plugged | dict.fromkeys(BUILT_IN, "built in")).items()))


def _factory(scheme: str) -> Factory:
    target = BUILT_IN.get(scheme)
    if target is not None:
        module_name, _, path = target.partition(":")
        factory: Any = import_module(module_name)
        for name in path.split("."):
            factory = getattr(factory, name)
        return cast(Factory, factory)  # the table is ours, and a test calls every row
    for point in entry_points(group=GROUP, name=scheme):
        try:
            plugged: Factory = point.load()
        except Exception as error:  # whatever a stranger's module raises on import
            problem = f"{type(error).__name__}: {error}"
            raise DriverUnavailable(f"The driver {scheme!r} ({point.value}) cannot be loaded: {problem}") from error
        return plugged
    raise UnknownDriver(f"There is no driver for {scheme!r}.", f"Known schemes: {_known()}")


def _whole(link: Any) -> Link:
    """A plug-in may give only the four members of a card; the rest is added."""
    if isinstance(link, CardLink | SwipeLink):
        return link
    if isinstance(link, Card):
        return PlainCardLink(link)
    raise DriverUnavailable(f"The driver gave a {type(link).__name__}, which is neither a card link nor a swipe link.")


def _built_in_discover(scheme: str) -> Discover:
    def discover(timeout_s: float) -> list[Found]:
        module = import_module(BUILT_IN[scheme].partition(":")[0])
        return cast(Discover, module.discover)(timeout_s)

    return discover


def _plugged_discover(scheme: str) -> Discover:
    def discover(timeout_s: float) -> list[Found]:
        found: Discover | None = getattr(_factory(scheme), "discover", None)
        return [] if found is None else found(timeout_s)

    return discover


def _known() -> str:
    return ", ".join(schemes())


__all__ = [
    "BUILT_IN",
    "DISCOVERING",
    "GROUP",
    "Found",
    "Listing",
    "list_devices",
    "open",
    "open_card",
    "open_swipe",
    "schemes",
]
