"""Links for asyncio: each over a thread of its own, so that nothing waits for a device but who asked.

::

    async with await open_async("ccid:usb") as card:
        atr = await card.power_on()
        response = await card.transmit(bytes.fromhex("00A404000E325041592E5359532E444446303100"))

A call that is cancelled goes on in its thread, because no device takes a command back; the next call waits for it.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Generic, Self, TypeVar

from countertop_drivers.errors import DriverError
from countertop_drivers.link import CardLink, Link, Swipe, SwipeLink
from countertop_drivers.registry import open

L = TypeVar("L", bound=Link)
T = TypeVar("T")


class _Async(Generic[L]):
    def __init__(self, link: L) -> None:
        #: The link itself; to be left alone while this stands before it.
        self.link = link
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="countertop-link")
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Let go of the device, once what runs is done; closing twice does no harm."""
        if self._closed:
            return
        closing = asyncio.get_running_loop().run_in_executor(self._thread, self.link.close)
        self._closed = True
        self._thread.shutdown(wait=False)
        # Who is cancelled while something runs before it leaves a link that closes all the same.
        await asyncio.shield(closing)

    async def _do(self, work: Callable[[], T]) -> T:
        if self._closed:
            raise DriverError("This link was closed.", "Open its URL again.")
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


class AsyncCardLink(_Async[CardLink]):
    """A card link whose methods are awaited; they raise what the link raises."""

    async def present(self) -> bool:
        """Whether a card is there."""
        return await self._do(lambda: self.link.present)

    async def power_on(self) -> bytes:
        """The ATR or ATS."""
        return await self._do(self.link.power_on)

    async def transmit(self, apdu: bytes) -> bytes:
        """The response to one command."""
        return await self._do(lambda: self.link.transmit(apdu))

    async def power_off(self) -> None:
        """Take the power away."""
        await self._do(self.link.power_off)

    async def wait(self, present: bool, timeout_s: float) -> bool:
        """Wait for a card, or for its absence, for so many seconds; nothing else happens on this link meanwhile."""
        return await self._do(lambda: self.link.wait(present, timeout_s))


class AsyncSwipeLink(_Async[SwipeLink]):
    """A reader of stripes whose methods are awaited."""

    async def read(self, timeout_s: float) -> Swipe | None:
        """The next pass, or None when none came in time."""
        return await self._do(lambda: self.link.read(timeout_s))


async def open_async(url: str, record: str | os.PathLike[str] | None = None) -> AsyncCardLink | AsyncSwipeLink:
    """Open a device by its URL.  Raises as :func:`countertop_drivers.open` does.

    Who is cancelled while it opens has no link; it is closed as soon as it is open.
    """
    opening = _Opening(url, record)
    loop = asyncio.get_running_loop()
    try:
        link = await asyncio.shield(loop.run_in_executor(None, opening.run))
    except asyncio.CancelledError:
        await asyncio.shield(loop.run_in_executor(None, opening.abandon))
        raise
    return AsyncCardLink(link) if isinstance(link, CardLink) else AsyncSwipeLink(link)


class _Opening:
    """A device that is being opened in a thread, and that nobody may want any more when it is open."""

    def __init__(self, url: str, record: str | os.PathLike[str] | None) -> None:
        self._url, self._record = url, record
        self._lock = threading.Lock()
        self._abandoned = False
        self._link: Link | None = None

    def run(self) -> Link:
        link = open(self._url, self._record)
        with self._lock:
            self._link = link
            unwanted = self._abandoned
        if unwanted:
            link.close()
        return link

    def abandon(self) -> None:
        with self._lock:
            self._abandoned = True
            link = self._link
        if link is not None:
            link.close()
