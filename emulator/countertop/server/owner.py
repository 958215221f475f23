"""The loop's ownership of a bench: every piece of work, its commit, the timers, and the live stream's turn.

While a server runs, the store groups commits and only this loop touches the world.  Other threads (tests, webhook
workers) hand their work in and wait until the commit that holds it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from countertop.server.alarm import AFTER_TROUBLE_S, Alarm
from countertop.server.group import Group, Outcome
from countertop.server.streams import Streams
from countertop.world import no_link

if TYPE_CHECKING:
    from countertop.bench import Bench
    from countertop.errands import Errand
    from countertop.server.reader_link import ReaderLink

T = TypeVar("T")
log = logging.getLogger("countertop.server")


class Owner:
    """Owns ``bench`` from :meth:`take_over` to :meth:`give_back`; made and used on the loop's thread."""

    def __init__(self, bench: Bench, loop: asyncio.AbstractEventLoop, url: str) -> None:
        self.bench = bench
        self.url = url
        self.store = bench.store
        self.loop = loop
        self.group = Group(bench.store, loop, self._after_flush)
        self.alarm = Alarm(bench.clock, bench.world.timers, loop, self._ring)
        self.streams = Streams(bench.feed)
        self.link: ReaderLink | None = None
        self._gate = threading.Lock()
        self._open = False
        self._released = threading.Event()

    def take_over(self, link: ReaderLink | None = None) -> None:
        """From now on this loop owns the world; ``link`` is where its readers are reached."""
        self.link = link
        if link is not None:
            self.bench.world.link_address = link.address_of
        self.store.grouping = True
        self._open = True
        self.bench.world.public_url = self.url
        self.bench.own(self._post)
        self.alarm.wind()

    async def give_back(self) -> None:
        """Do what was handed in, commit, and let the world go."""
        self.alarm.stop()
        with self._gate:
            self._open = False
        await asyncio.sleep(0)  # what other threads handed in is in the loop's queue already
        self.streams.close()
        for _ in range(3):  # a delivery to an in-memory inbox may write once more
            if self.store.dirty:
                self.group.flush()
        self.store.grouping = False
        self.bench.world.link_address = no_link
        self.bench.own(None)
        self._released.set()

    async def do(self, work: Callable[[], T]) -> T:
        """Do something with the world and wait until it is durable.  Raises StoreUnavailable when it is not."""
        try:
            result = self.bench.run(work)
            outcome = await self.group.settled()
        finally:
            self.done()
        if outcome is not None:
            raise outcome
        return result

    def done(self) -> None:
        """A piece of work of any kind is over: the clock or the timers may have changed."""
        self.alarm.wind()
        if not self.store.dirty:
            self.streams.release()
            self._run_errands()

    def ask(self, ask: Callable[[], T], then: Callable[[T], None]) -> None:
        """Have something asked by a thread, since it blocks; ``then`` goes on here with what it returned."""

        def asked() -> None:
            said = ask()
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self.loop.call_soon_threadsafe(then, said)

        threading.Thread(target=asked, name="countertop-asks", daemon=True).start()

    # --- inner --------------------------------------------------------------------------------------------------

    def _post(self, work: Callable[[], Any]) -> Any:
        future: Future[Any] = Future()
        with self._gate:
            taken = self._open
            if taken:
                self.loop.call_soon_threadsafe(self._run_posted, work, future)
        if taken:
            return future.result()
        self._released.wait()
        return self.bench.run(work)

    def _run_errands(self) -> None:
        for errand in self.bench.world.errands.take():
            self.ask(errand.ask, partial(self._go_on, errand))

    def _go_on(self, errand: Errand, said: Any) -> None:
        try:
            self.bench.transact(errand.told(said))
        except Exception:
            log.exception("what follows an answer from outside failed")

        def again(outcome: Outcome) -> None:
            # The answer is not asked for twice: it is written down as soon as that is possible.
            if outcome is not None:
                self.loop.call_later(AFTER_TROUBLE_S, self._go_on, errand, said)

        if self.store.dirty:
            self.group.join(again)
        self.done()

    def _run_posted(self, work: Callable[[], Any], future: Future[Any]) -> None:
        try:
            result = self.bench.run(work)
        except BaseException as error:  # the caller's thread gets whatever its work raised
            future.set_exception(error)
            return

        def tell(outcome: Outcome) -> None:
            if outcome is None:
                future.set_result(result)
            else:
                future.set_exception(outcome)

        if self.store.dirty:
            self.group.join(tell)
        else:
            tell(None)
        self.done()

    def _ring(self) -> None:
        self.bench.run_due()
        if self.store.dirty:
            self.group.join(_nobody)
        else:
            self.streams.release()
            self._run_errands()

    def _after_flush(self, outcome: Outcome) -> None:
        if outcome is None:
            self.streams.release()
            self.bench.settle()
            self._run_errands()
        else:
            self.streams.drop()
            self.alarm.back_off()
        self.alarm.check()


def _nobody(outcome: Outcome) -> None:
    """A timer's work has no caller to tell; a failed commit has put its row back."""
