"""Asking every driver what is plugged in: in parallel, under one time limit."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from countertop_drivers.errors import DeviceTimeout, DriverError


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """A device that is there: the very URL that opens it, and what it calls itself."""

    url: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """What all drivers found, ordered by URL, and why some of them (by scheme) could not look."""

    found: list[Found] = field(default_factory=list)
    problems: dict[str, DriverError] = field(default_factory=dict)


#: Looks for devices for at most so many seconds.
Discover = Callable[[float], list[Found]]


def ask_all(drivers: Mapping[str, Discover], timeout_s: float) -> Listing:
    """Ask every driver at once; who has not answered in time is named in ``problems`` and left behind."""
    answers: queue.SimpleQueue[tuple[str, list[Found] | DriverError]] = queue.SimpleQueue()

    def ask(scheme: str, discover: Discover) -> None:
        try:
            answers.put((scheme, discover(timeout_s)))
        except DriverError as error:
            answers.put((scheme, error))
        except Exception as error:  # a stranger's driver, or a library's own error
            answers.put((scheme, DriverError(f"{scheme} could not look: {type(error).__name__}: {error}")))

    for scheme, discover in drivers.items():
        threading.Thread(target=ask, args=(scheme, discover), name=f"discover-{scheme}", daemon=True).start()
    end = time.monotonic() + timeout_s
    listing, waiting = Listing(), set(drivers)
    while waiting:
        try:
            scheme, answer = answers.get(timeout=max(0.0, end - time.monotonic()))
        except queue.Empty:
            break
        waiting.discard(scheme)
        if isinstance(answer, DriverError):
            listing.problems[scheme] = answer
        else:
            listing.found.extend(answer)
    for scheme in sorted(waiting):
        listing.problems[scheme] = DeviceTimeout(f"{scheme} did not finish looking within {timeout_s:g} s.")
    listing.found.sort()
    return listing
